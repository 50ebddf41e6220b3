"""A small repository with packages that are NVIDIA's by name alone, and a host that looks as if it had eight GPUs."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from tests.hosts.farm import Farm, Node

HOLDS = "/run/nouveau"
"""While this is there the driver does not work: another one holds the GPUs, until the machine is started again."""

_SMI = f"""#!/bin/sh
[ ! -e {HOLDS} ] || {{ echo "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."; exit 9; }}
for gpu in 1 2 3 4 5 6 7 8; do echo 570.124.06; done
"""
_UNIT = """[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
"""
_NVCC = """#!/bin/sh
echo "Cuda compilation tools, release 12.8, V12.8.93"
"""
PACKAGES = (
    ("linux-headers-KERNEL", "1", {}),
    ("nvidia-open-570", "570.124.06-0ubuntu1", {"usr/bin/nvidia-smi": _SMI}),
    ("nvidia-open-580", "580.65.06-0ubuntu1", {}),
    ("cuda-toolkit-12-8", "12.8.1-1", {"usr/local/cuda-12.8/bin/nvcc": _NVCC}),
    *(
        (f"{name}-cuda-12", version, {})
        for name in ("libcudnn9", "libcudnn9-dev")
        for version in ("9.1.1-1", "9.8.0-1")
    ),
    *(
        ("nvidia-fabricmanager-570", version, {"usr/lib/systemd/system/nvidia-fabricmanager.service": _UNIT})
        for version in ("570.124.06-1", "570.133.20-1")
    ),
)
"""Name, version, path → text; some in a version too many, which must not be taken."""

_SIGN = """
set -e
cd /srv/nvidia
sudo apt-get update -qq
sudo DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends gpg gpg-agent apt-utils
sudo apt-ftparchive packages . > Packages
sudo apt-ftparchive release . > /tmp/Release
mv /tmp/Release Release
export GNUPGHOME=$(mktemp -d)
gpg --batch --quiet --passphrase '' --quick-generate-key tests rsa2048
gpg --batch --armor --export tests > key.asc
gpg --batch --armor --clearsign --output InRelease Release
"""
_GPU, _SWITCH = "0x030200", "0x068000"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def served(farm: Farm) -> Iterator[dict[str, str]]:
    """Serve the repository on the bridge; give the variables of the role nvidia that lead to it."""
    (node,) = farm.nodes
    _make(node)
    handler = functools.partial(_Quiet, directory=str(node.root / "srv" / "nvidia"))
    server = ThreadingHTTPServer((farm.address, 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://{farm.address}:{server.server_address[1]}"
    try:
        yield {"nvidia_repository_url": url, "nvidia_repository_key_url": f"{url}/key.asc"}
    finally:
        server.shutdown()
        server.server_close()


def _make(node: Node) -> None:
    """Build the packages on a host, with the tools of its system, and sign their list."""
    node.run("sudo mkdir -p /srv/nvidia && sudo chmod 777 /srv/nvidia", user="ubuntu")
    kernel = node.run("uname -r").strip()
    for name, version, files in PACKAGES:
        node.run("bash -s", user="ubuntu", stdin=_build(name.replace("KERNEL", kernel), version, files))
    node.run("bash -s", user="ubuntu", stdin=_SIGN)


def _build(name: str, version: str, files: dict[str, str]) -> str:
    """Return the text of a shell that builds one package."""
    postinst = f"#!/bin/sh\ntouch {HOLDS}\n" if name.startswith("nvidia-open") else "#!/bin/sh\n"
    control = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: tests\nDescription: stands in\n"
    texts = {"DEBIAN/control": control, "DEBIAN/postinst": postinst, **files}
    lines = ["set -e; root=$(mktemp -d); chmod 755 $root"]
    for path, text in texts.items():
        mode = 644 if path.endswith((".service", "control")) else 755
        lines.append(f"install -D -m {mode} /dev/stdin $root/{path} <<'END'\n{text}END")
    return "\n".join([*lines, "dpkg-deb --build --root-owner-group $root /srv/nvidia > /dev/null"])


def pretend(node: Node, gpus: int = 8, switches: int = 4) -> dict[str, str]:
    """Let a host look as if it had GPUs and switches; return the role's variables for it."""
    kinds = [_GPU] * gpus + [_SWITCH] * switches
    for number, kind in enumerate(kinds):
        folder = node.root / "opt" / "devices" / f"0000:{number:02x}:00.0"
        folder.mkdir(parents=True)
        (folder / "vendor").write_text("0x10de\n")
        (folder / "class").write_text(f"{kind}\n")
    return {"nvidia_devices": "/opt/devices"}
