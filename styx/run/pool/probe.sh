# What a host is, a line a fact, for whoever may log in: POSIX sh, nothing is changed.
LC_ALL=C
export LC_ALL
say() { printf 'styx %s %s\n' "$1" "$2"; }

say os "$(. /etc/os-release 2>/dev/null; echo "${ID:-unknown} ${VERSION_ID:-}")"
say arch "$(uname -m)"
say cpus "$(getconf _NPROCESSORS_ONLN)"
say memory_kib "$(awk '$1 == "MemTotal:" { print $2 }' /proc/meminfo)"
say disk_kib "$(df -Pk "$HOME" | awk 'NR == 2 { print $4 }')"
say address "$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p')"
[ -d /run/systemd/system ] && say systemd yes
command -v python3 >/dev/null && say python "$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
if ! command -v sudo >/dev/null; then
  say sudo missing
elif sudo -n true 2>/dev/null; then
  say sudo yes
else
  say sudo password
fi
if command -v nvidia-smi >/dev/null; then
  timeout 10 nvidia-smi "$@" 2>/dev/null | while IFS= read -r line; do say gpu "$line"; done
fi
[ -r /var/lib/styx-lease/lease.json ] && say lease "$(tr -d '\n' </var/lib/styx-lease/lease.json)"
say end yes
