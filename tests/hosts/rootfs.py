"""The file system that every host starts from: a small Debian or Ubuntu, made once and kept."""

import fcntl
import hashlib
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "openssh-server", "python3", "sudo", "iproute2", "ca-certificates", "procps",
    "apt",
)  # fmt: skip
USERS = ("debian", "ubuntu")
"""Who may log in and become root, as on the images of clouds."""


@dataclass(frozen=True, slots=True)
class System:
    """A release of an operating system, and where its packages are."""

    suite: str
    python: str
    """The version of its Python."""
    mirror: str = "http://deb.debian.org/debian"
    components: str = "main"
    keyring: tuple[str, str] | None = None
    """The package with its keys, below the mirror, and that package's SHA-256; None when this machine has them."""


_UBUNTU = "http://archive.ubuntu.com/ubuntu"
_UBUNTU_KEYS = (
    "pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb",
    "36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8",
)
DEBIAN_12 = System("bookworm", "3.11")
UBUNTU_22 = System("jammy", "3.10", _UBUNTU, "main,universe", _UBUNTU_KEYS)
UBUNTU_24 = System("noble", "3.12", _UBUNTU, "main,universe", _UBUNTU_KEYS)

_KEYGEN = """[Unit]
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A
[Install]
WantedBy=multi-user.target
"""


def base(cache: Path, system: System = DEBIAN_12) -> Path:
    """Return the root file system, made by mmdebstrap when it is not in `cache`, by one process at a time."""
    recipe = hashlib.sha256(repr((PACKAGES, system, USERS, _KEYGEN, Path(__file__).read_text())).encode()).hexdigest()
    folder = cache / f"rootfs-{system.suite}-{recipe[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _make(folder, cache, system)
    return folder


def _make(folder: Path, cache: Path, system: System) -> None:
    making = cache / f"{folder.name}.making"
    shutil.rmtree(making, ignore_errors=True)
    words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    words += [f"--components={system.components}", *_keyring(cache, system)]
    subprocess.run([*words, system.suite, str(making), system.mirror], check=True, timeout=600)
    _furnish(making)
    making.rename(folder)


def _keyring(cache: Path, system: System) -> list[str]:
    """Return the option that names the keys of a system that this machine's own apt does not know."""
    if system.keyring is None:
        return []
    place, digest = system.keyring
    folder = cache / f"keys-{digest[:12]}"
    if not folder.is_dir():
        package = cache / f"keys-{digest[:12]}.deb"
        with urllib.request.urlopen(f"{system.mirror}/{place}", timeout=60) as answer:
            package.write_bytes(answer.read())
        assert hashlib.sha256(package.read_bytes()).hexdigest() == digest, package
        subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
    return [f"--keyring={folder / 'usr/share/keyrings/ubuntu-archive-keyring.gpg'}"]


def _furnish(root: Path) -> None:
    """Give it users, host keys of its own at each first boot, and the ways to packages that this machine has."""
    for user in USERS:
        subprocess.run(["chroot", root, "useradd", "-m", "-s", "/bin/bash", user], check=True)
        (root / "etc" / "sudoers.d" / user).write_text(f"{user} ALL=(ALL) NOPASSWD: ALL\n")
    for key in (root / "etc" / "ssh").glob("ssh_host_*"):
        key.unlink()
    (root / "etc" / "systemd" / "system" / "host-keys.service").write_text(_KEYGEN)
    # 24.04 starts sshd by its socket: as it comes, that stays so.
    units = ["host-keys.service", *([] if _has_socket(root) else ["ssh.service"])]
    subprocess.run(["chroot", root, "systemctl", "--quiet", "enable", *units], check=True)
    (root / "etc" / "machine-id").write_text("")
    for name in ("apt/apt.conf.d/99artifact-registry", "ssl/certs/ca-certificates.crt"):
        here = Path("/etc") / name
        if here.is_file():
            (root / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(here, root / "etc" / name)


def _has_socket(root: Path) -> bool:
    return (root / "etc/systemd/system/sockets.target.wants/ssh.socket").is_symlink()
