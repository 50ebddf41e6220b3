"""A stand-in for Miniforge's installer, which no registry here has: its conda does little, in conda's own words.

`create`, `install`, `env create` and `env update` make an environment with a program for each package, which prints
the package's version; `activate` is a function of bash, as conda's own is.
"""

import hashlib
import http.server
import threading
from contextlib import contextmanager

from tests.hosts.farm import Farm

_CONDA = r'''#!/usr/bin/env python3
"""The stand-in's `conda`."""
import os, re, sys

root = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
words = sys.argv[1:]
if words[0] == "env":
    words = words[1:]
verb, words = words[0], words[1:]
prefix = file = None
packages = []
while words:
    word = words.pop(0)
    if word in ("-p", "--prefix"):
        prefix = words.pop(0)
    elif word in ("-n", "--name"):
        prefix = os.path.join(root, "envs", words.pop(0))
    elif word in ("-f", "--file"):
        file = words.pop(0)
    elif not word.startswith("-"):
        packages.append(word)
if file:
    packages += re.findall(r"^ *- *(\S+=\S+)", open(file).read(), re.MULTILINE)
if verb == "update":
    assert os.path.isdir(prefix), prefix
if verb == "create" and os.path.isdir(prefix):
    sys.exit("prefix already exists: " + prefix)
for folder in ("bin", "conda-meta"):
    os.makedirs(os.path.join(prefix, folder), exist_ok=True)
for package in packages:
    name, version = package.split("=")
    if version == "none":
        sys.exit("PackagesNotFoundError: The following packages are not available from current channels: " + name)
    path = os.path.join(prefix, "bin", name)
    open(path, "w").write("#!/bin/sh\necho " + version + "\n")
    os.chmod(path, 0o755)
'''

_PROFILE = r"""
export CONDA_EXE="$ROOT/bin/conda"
conda() {
  if [ "$1" = activate ]; then
    export CONDA_PREFIX="$ROOT/envs/$2" CONDA_DEFAULT_ENV="$2" PATH="$ROOT/envs/$2/bin:$PATH"
  else
    "$CONDA_EXE" "$@"
  fi
}
"""

_INSTALLER = f"""#!/bin/bash
set -e
while [ $# -gt 0 ]; do
  case "$1" in -p) shift; root="$1";; esac
  shift
done
[ ! -e "$root" ] || {{ echo "ERROR: File or directory already exists: '$root'"; exit 1; }}
mkdir -p "$root/bin" "$root/condabin" "$root/envs" "$root/etc/profile.d"
cat > "$root/bin/conda" <<'PROGRAM'
{_CONDA}PROGRAM
chmod +x "$root/bin/conda"
ln -s ../bin/conda "$root/condabin/conda"
{{ echo "ROOT='$root'"; cat <<'PROFILE'
{_PROFILE}PROFILE
}} > "$root/etc/profile.d/conda.sh"
"""


class _Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = _INSTALLER.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """Say nothing."""


@contextmanager
def served(farm: Farm):
    """Serve the installer on the bridge; give the variables of the role conda that lead to it."""
    server = http.server.ThreadingHTTPServer((farm.address, 0), _Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    digest = f"sha256:{hashlib.sha256(_INSTALLER.encode()).hexdigest()}"
    url = f"http://{farm.address}:{server.server_address[1]}/installer.sh"
    try:
        yield {"conda_url": url, "conda_checksums": {"x86_64": digest, "aarch64": digest}}
    finally:
        server.shutdown()
        server.server_close()
