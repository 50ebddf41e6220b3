#!/bin/bash
# A command, or a shell, with the job's environment and in its folder: what `styx ssh` starts on this machine.
styx="$HOME/.styx"
names=(HOME STYX_NODE_RANK)
for file in "$styx/login.env" "$styx/node.env" "$styx/ray/ray.env"; do
  while IFS= read -r line; do
    [ -n "$line" ] && export "$line"
    [ "$file" = "$styx/ray/ray.env" ] && names+=("${line%%=*}")
  done < <(cat "$file" 2>/dev/null)
done
[ -e "$styx/ray/ray.env" ] && export RAY_ADDRESS="$STYX_HEAD" && names+=(RAY_ADDRESS)
unset STYX_HEAD
if [ -s "$styx/container" ]; then
  read -r container < "$styx/container"
  [ -t 0 ] && tty=--tty
  [ $# -gt 0 ] || set -- bash -i
  exec docker exec --interactive $tty --workdir "$HOME/workdir" "${names[@]/#/--env=}" "$container" "$@"
fi
cd "$HOME/workdir" || exit
[ $# -gt 0 ] || exec "${SHELL:-/bin/bash}" -i
# A first bash below sshd reads .bashrc instead, so none may take itself for that.
[ -n "$BASH_ENV" ] && SHLVL=2 && . "$BASH_ENV"
exec "$@"
