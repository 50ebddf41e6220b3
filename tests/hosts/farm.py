"""A farm: hosts beside each other on one bridge, each with its own address, cgroup and disk."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.hosts import rootfs

NEEDED = ("systemd-nspawn", "mmdebstrap", "ip", "nft", "ssh", "rsync")
_CGROUP = Path("/sys/fs/cgroup")
_IP_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
_FORWARDING = Path("/run/styx-test-forwarding")
_BOOT_S = 60
RESTART = 133
"""What a host's process ends with when it wants to be started again: systemd-nspawn leaves that to whoever ran it."""

_IN_OWN_CGROUP = """
[ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p "/sys/fs/cgroup/$1"; echo $$ > "/sys/fs/cgroup/$1/cgroup.procs"; shift; exec "$@"
"""


def missing() -> str:
    """Say what keeps this machine from having hosts; empty when nothing does."""
    if os.geteuid() != 0:
        return "only root can boot hosts"
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    return f"not installed: {', '.join(lacking)}" if lacking else ""


def _cgroups(number: int) -> list[Path]:
    """Return the farm's cgroups, in whichever hierarchy they are."""
    tops = (_CGROUP, *(path for path in _CGROUP.iterdir() if path.is_dir()))
    return [top / f"styx-test-{number}" for top in tops if (top / f"styx-test-{number}").is_dir()]


def _kill(number: int) -> None:
    """Kill what still runs on the farm's hosts."""
    for top in _cgroups(number):
        for folder in (top, *top.rglob("*/")):
            with contextlib.suppress(OSError):  # it is gone already
                for pid in Path(folder, "cgroup.procs").read_text().split():
                    os.kill(int(pid), signal.SIGKILL)


def _remove(cgroup: Path) -> None:
    """Remove a cgroup, once the kernel has let go of what it killed in there."""
    end = time.monotonic() + 30
    while True:
        try:
            cgroup.rmdir()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _forward(number: int, *, on: bool) -> None:
    """Forward packets as long as any farm wants it: farms of several test files stand side by side."""
    _FORWARDING.mkdir(exist_ok=True)
    with (_FORWARDING / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before, mine = _FORWARDING / "before", _FORWARDING / f"farm-{number}"
        if on:
            if not before.exists():
                before.write_text(_IP_FORWARD.read_text())
            mine.touch()
            _IP_FORWARD.write_text("1")
            return
        mine.unlink(missing_ok=True)
        if before.exists() and not any(_FORWARDING.glob("farm-*")):
            _IP_FORWARD.write_text(before.read_text())
            before.unlink()


def _run(*words: object) -> str:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


@dataclass
class Node:
    """One host."""

    name: str
    address: str
    folder: Path
    farm: "Farm" = field(repr=False)
    process: subprocess.Popen | None = None

    @property
    def namespace(self) -> str:
        """The network namespace that it lives in."""
        return f"styx-{self.farm.number}-{self.name}"

    @property
    def root(self) -> Path:
        """Its file system, as seen from outside."""
        return self.folder / "root"

    def boot(self) -> None:
        """Switch it on, and wait until it answers SSH."""
        words = [
            "systemd-nspawn", "--quiet", "--boot", f"--directory={self.root}",
            f"--machine={self.namespace}", f"--hostname={self.name}",
            "--register=no", "--keep-unit", f"--network-namespace-path=/run/netns/{self.namespace}",
            "--resolv-conf=copy-host", "--console=read-only", "--capability=all",
            "--system-call-filter=@keyring", "--system-call-filter=bpf",
            f"--bind={self.folder / 'docker'}:/var/lib/docker",
        ]  # fmt: skip
        cgroup = f"styx-test-{self.farm.number}/{self.name}"
        wrapped = ["unshare", "-m", "--propagation", "private", "bash", "-c", _IN_OWN_CGROUP, "boot", cgroup, *words]
        with (self.folder / "console.log").open("ab") as console:
            self.process = subprocess.Popen(
                wrapped, stdout=console, stderr=console, stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network"},
            )  # fmt: skip

    def wait(self, timeout_s: float = _BOOT_S) -> None:
        """Wait until SSH answers."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            try:
                with socket.create_connection((self.address, 22), timeout=2) as found:
                    found.settimeout(5)
                    if found.recv(4).startswith(b"SSH"):
                        return
            except OSError:
                time.sleep(0.1)
        console = (self.folder / "console.log").read_text(errors="replace")
        raise AssertionError(f"{self.name} does not answer after {timeout_s} s:\n{console[-3000:]}")

    def cut(self) -> None:
        """Cut its power: nothing is saved, nothing said."""
        if self.process is None:
            return
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        for pid in [*map(int, children.stdout.split()), self.process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(timeout=30)
        self.process = None
        while self._alive():
            time.sleep(0.02)

    def _alive(self) -> bool:
        """Tell whether anything that it started is still being ended."""
        for top in _cgroups(self.farm.number):
            for folder, _, _ in os.walk(top / self.name):  # cgroups go while they are looked at
                with contextlib.suppress(OSError):
                    if Path(folder, "cgroup.procs").read_text().strip():
                        return True
        return False

    def run(self, *words: str, user: str = "debian", check: bool = True, stdin: str = "") -> str:
        """Run a command on it over SSH with the farm's own key; return what it printed."""
        command = [*self.farm.ssh(user, self.address), *words]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{words} on {self.name}: {done.stdout}{done.stderr}"
        return done.stdout

    def let_in(self, public_key: str, user: str = "debian") -> None:
        """Let the holder of a key log in, as cloud-init would."""
        folder = self.root / "home" / user / ".ssh"
        folder.mkdir(mode=0o700, exist_ok=True)
        with (folder / "authorized_keys").open("a") as file:
            file.write(public_key.strip() + "\n")
        owner = (self.root / "home" / user).stat()
        for path in (folder, folder / "authorized_keys"):
            os.chown(path, owner.st_uid, owner.st_gid)


class Farm:
    """Hosts on the network 10.231.<number>.0/24; this machine is .1 and their way out."""

    def __init__(self, folder: Path, cache: Path, number: int = 7, system: rootfs.System = rootfs.DEBIAN_12):
        self.folder = folder
        self.number = number
        self.bridge = f"styxbr{number}"
        self.address = f"10.231.{number}.1"
        self.nodes: list[Node] = []
        self.system = system
        self._base = rootfs.base(cache, system)
        folder.mkdir(parents=True, exist_ok=True)
        self.key = folder / "id_ed25519"
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        self.close()  # what a killed run left
        _run("ip", "link", "add", self.bridge, "type", "bridge")
        _run("ip", "addr", "add", f"{self.address}/24", "dev", self.bridge)
        _run("ip", "link", "set", self.bridge, "up")
        self.nat(on=True)

    @property
    def _mark(self) -> str:
        """By which the mounts of its hosts' disks are found."""
        return f"styx-test-{self.number}"

    @property
    def public_key(self) -> str:
        """The farm's own key."""
        return self.key.with_suffix(".pub").read_text()

    def ssh(self, user: str, address: str) -> list[str]:
        """Return the words that log in with the farm's own key."""
        options = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR")
        return ["ssh", "-i", str(self.key), *options, "-o", "BatchMode=yes", f"{user}@{address}"]

    def start(self, count: int) -> list[Node]:
        """Add hosts, boot them together, and wait until each answers SSH."""
        nodes = [self._add() for _ in range(count)]
        for node in nodes:
            node.boot()
        for node in nodes:
            node.wait()
        return nodes

    def nat(self, *, on: bool) -> None:
        """Give the hosts a way out through this machine, or take it."""
        subprocess.run(["nft", "delete", "table", "ip", f"styx{self.number}"], capture_output=True, check=False)
        _forward(self.number, on=on)
        if on:
            rule = f'ip saddr 10.231.{self.number}.0/24 oifname != "{self.bridge}" masquerade'
            chain = f"chain post {{\n type nat hook postrouting priority 100\n {rule}\n }}"
            table = f"table ip styx{self.number} {{\n {chain}\n}}\n"
            subprocess.run(["nft", "-f", "-"], input=table, text=True, check=True)

    def _add(self) -> Node:
        number = len(self.nodes) + 1
        node = Node(f"n{number}", f"10.231.{self.number}.{10 + number}", self.folder / f"n{number}", self)
        self._furnish(node)
        veth, inside = f"v{self.number}{node.name}", node.namespace
        _run("ip", "netns", "add", inside)
        _run("ip", "link", "add", veth, "type", "veth", "peer", "name", "host0", "netns", inside)
        _run("ip", "link", "set", veth, "master", self.bridge, "up")
        _run("ip", "-n", inside, "addr", "add", f"{node.address}/24", "dev", "host0")
        _run("ip", "-n", inside, "link", "set", "host0", "up")
        _run("ip", "-n", inside, "link", "set", "lo", "up")
        _run("ip", "-n", inside, "route", "add", "default", "via", self.address)
        self.nodes.append(node)
        return node

    def renew(self, node: Node) -> None:
        """Put a new machine in a host's place: bare, and at the same address."""
        node.cut()
        _run("umount", node.root)
        shutil.rmtree(node.folder)
        self._furnish(node)
        node.boot()
        node.wait()

    def _furnish(self, node: Node) -> None:
        """Give a host its disk, as at its first boot."""
        for name in ("upper", "work", "root", "docker"):
            (node.folder / name).mkdir(parents=True)
        layers = f"lowerdir={self._base},upperdir={node.folder / 'upper'},workdir={node.folder / 'work'}"
        _run("mount", "-t", "overlay", self._mark, "-o", layers, node.root)
        (node.root / "etc" / "hostname").write_text(f"{node.name}\n")
        (node.root / "etc" / "hosts").write_text(f"127.0.0.1 localhost\n{node.address} {node.name}\n")
        for user in rootfs.USERS:
            node.let_in(self.public_key, user)

    def close(self) -> None:
        """Switch everything off and leave nothing behind, nor what a killed run of the same number left."""
        for node in self.nodes:
            node.cut()
        self.nodes = []
        _kill(self.number)
        for line in Path("/proc/self/mounts").read_text().splitlines():
            source, place, *_ = line.split(" ")
            if source == self._mark:
                subprocess.run(["umount", "--lazy", place], capture_output=True, check=False)
        listed = _run("ip", "netns", "list").split()
        for name in (name for name in listed if name.startswith(f"styx-{self.number}-")):
            subprocess.run(["ip", "netns", "del", name], check=False)
        subprocess.run(["ip", "link", "del", self.bridge], capture_output=True, check=False)
        self.nat(on=False)
        for top in _cgroups(self.number):
            for path in (*sorted(top.rglob("*"), reverse=True), top):
                if path.is_dir():
                    _remove(path)
