#!/bin/bash
# A command, or a shell, with the job's environment and in its folder: what `styx ssh` starts on this machine.
styx="$HOME/.styx"
for file in "$styx/login.env" "$styx/node.env" "$styx/ray/ray.env"; do
  while IFS= read -r line; do [ -n "$line" ] && export "$line"; done < <(cat "$file" 2>/dev/null)
done
[ -e "$styx/ray/ray.env" ] && export RAY_ADDRESS="$STYX_HEAD"
unset STYX_HEAD
cd "$HOME/workdir" || exit
[ $# -gt 0 ] || set -- "${SHELL:-/bin/bash}" -i
exec "$@"
