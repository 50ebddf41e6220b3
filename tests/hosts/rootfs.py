"""The file system that every host starts from: a small Debian, made once and kept."""

import hashlib
import shutil
import subprocess
from pathlib import Path

PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "openssh-server", "python3", "sudo", "iproute2", "ca-certificates", "procps",
)  # fmt: skip
MIRROR = "http://deb.debian.org/debian"
SUITE = "bookworm"
USERS = ("debian", "ubuntu")
"""Who may log in and become root, as on the images of clouds."""

_KEYGEN = """[Unit]
Before=ssh.service
ConditionPathExists=!/etc/ssh/ssh_host_ed25519_key
[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A
[Install]
WantedBy=multi-user.target
"""


def base(cache: Path) -> Path:
    """Return the root file system, made by mmdebstrap when it is not in `cache`."""
    recipe = hashlib.sha256(repr((PACKAGES, SUITE, USERS, _KEYGEN, Path(__file__).read_text())).encode()).hexdigest()
    folder = cache / f"rootfs-{recipe[:12]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        making = cache / f"rootfs-{recipe[:12]}.making"
        shutil.rmtree(making, ignore_errors=True)
        packages = ",".join(PACKAGES)
        words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", SUITE, str(making), MIRROR]
        subprocess.run(words, check=True, timeout=600)
        _furnish(making)
        making.rename(folder)
    return folder


def _furnish(root: Path) -> None:
    """Give it users, host keys of its own at each first boot, and the ways to packages that this machine has."""
    for user in USERS:
        subprocess.run(["chroot", root, "useradd", "-m", "-s", "/bin/bash", user], check=True)
        (root / "etc" / "sudoers.d" / user).write_text(f"{user} ALL=(ALL) NOPASSWD: ALL\n")
    for key in (root / "etc" / "ssh").glob("ssh_host_*"):
        key.unlink()
    (root / "etc" / "systemd" / "system" / "host-keys.service").write_text(_KEYGEN)
    subprocess.run(["chroot", root, "systemctl", "--quiet", "enable", "host-keys.service", "ssh.service"], check=True)
    (root / "etc" / "machine-id").write_text("")
    for name in ("apt/apt.conf.d/99artifact-registry", "ssl/certs/ca-certificates.crt"):
        here = Path("/etc") / name
        if here.is_file():
            (root / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(here, root / "etc" / name)
