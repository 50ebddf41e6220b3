"""Folders that are machines, brought to a Ray cluster by the roles, run jobs as gangs and end without a trace."""

import contextlib
import hashlib
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import yaml

from styx import paths
from styx.errors import HostError
from styx.host import Host
from styx.run.job import JobFolders, JobState, Work, merged
from styx.run.ray import Jobs

pytestmark = pytest.mark.ray

ROLES = ("python_env", "workspace", "ray", "job")
"""What a machine that is a folder gets."""

MACHINE = paths.templates() / "terraform" / "local" / "machine.py"
NODES = 2
OUTSIDE = dict(os.environ)  # before a fixture gives each test a home of its own: Ray is downloaded once
HOSTILE = "a'b\"c $(touch /tmp/styx-canary) {{ 1 + 1 }} ${HOME} `id` \n é \\"


def free_slot() -> int:
    for slot in range(249, 199, -1):
        with contextlib.suppress(OSError), socket.socket() as trial:
            trial.bind((f"127.77.{slot}.1", 21000 + slot * 16))
            return slot
    pytest.skip("no free loopback network")


class Cluster:
    """Two machines, the rendered playbook, and what a test asks of them."""

    def __init__(self, root: Path) -> None:
        self.root, self.slot = root, free_slot()
        self.ansible = root / "ansible"
        self.port = 21000 + self.slot * 16
        self.hosts = [
            Host(
                name="t-head" if rank == 0 else f"t-worker-{rank}",
                role="worker" if rank else "head",
                rank=rank,
                group="head",
                id=str(rank),
                private_address=f"127.77.{self.slot}.{rank + 1}",
                folder=str(root / "machines" / f"node-{rank}"),
            )
            for rank in range(NODES)
        ]
        self.folders = JobFolders(self.hosts[0])
        self.variables = {
            "styx_cluster": "t",
            "styx_vcpus": 2,
            "styx_memory_gib": 1.5,
            "styx_gpus": 0,
            "workspace_envs": {"GREETING": "hello"},
            "workspace_setup": "(echo setup $GREETING; echo $STYX_SETUP_NODE_RANK/$SKYPILOT_NUM_NODES) > setup.txt",
            "workspace_workdir": "../workdir",
            "workspace_file_mounts": [{"target": "~/data/one.txt", "source": "../one.txt"}],
        }

    def render(self) -> None:
        shutil.copytree(
            paths.playbooks() / "roles", self.ansible / "roles", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copy(paths.playbooks() / "ansible.cfg", self.ansible)
        import jinja2

        template = jinja2.Template((paths.playbooks() / "site.yml.j2").read_text(), trim_blocks=True)
        (self.ansible / "site.yml").write_text(template.render(roles=["python_env", "workspace", "ray", "job"]))
        (self.ansible / "inventory.yml").write_text(yaml.safe_dump({"all": {
            "vars": {
                "ansible_connection": "local",
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                "styx_init": "machine",
                "styx_port": self.port,
            },
            "children": {
                role: {"hosts": {host.name: self.host_variables(host) for host in self.hosts if host.role == role}}
                for role in ("head", "worker")
            },
        }}))  # fmt: skip
        (self.root / "workdir").mkdir()
        (self.root / "workdir" / "code.py").write_text("print('from the workdir')\n")
        (self.root / "workdir" / ".gitignore").write_text("*.log\n")
        (self.root / "workdir" / "noise.log").write_text("noise\n")
        (self.root / "one.txt").write_text("one\n")

    @staticmethod
    def host_variables(host: Host) -> dict[str, object]:
        return {
            "styx_rank": host.rank,
            "styx_role": host.role,
            "styx_address": host.private_address,
            "styx_folder": host.folder,
        }

    def machine(self, verb: str, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, MACHINE, verb, *words], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def remove(self) -> None:
        # A supervisor that was killed is no reason to leave anything behind.
        lock = Path(self.hosts[1].folder, "services", "ray.lock")
        if lock.exists():
            os.kill(int(lock.read_text()), signal.SIGKILL)
        for host in self.hosts:
            self.machine("remove", host.folder)

    def play(self, given: dict[str, object] | None = None, ok: bool = True) -> str:
        (self.ansible / "group_vars").mkdir(exist_ok=True)
        (self.ansible / "group_vars" / "all.yml").write_text(yaml.safe_dump(self.variables))
        program = Path(sys.executable).parent / "ansible-playbook"
        words = [str(program), "site.yml", "-e", json.dumps({"workspace_secrets": given or {"S": "canary-5eed"}})]
        done = subprocess.run(
            words,
            cwd=self.ansible,
            env=OUTSIDE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert (done.returncode == 0) is ok, done.stdout
        assert "canary-5eed" not in done.stdout
        return done.stdout

    def jobs(self) -> Jobs:
        return Jobs(f"127.77.{self.slot}.1:{self.port + 1}", self.folders.token())

    def submit(self, run: str, *, num_nodes: int = NODES, cpus: float = 1, **envs: str) -> str:
        return self.start(self.make(run, num_nodes=num_nodes, cpus=cpus, **envs))

    def make(self, run: str, *, num_nodes: int = NODES, cpus: float = 1, **envs: str) -> str:
        work = Work(
            run=run,
            num_nodes=num_nodes,
            task_id="task-1",
            addresses=tuple(host.private_address for host in self.hosts),
            envs=envs,
            cpus=cpus,
            cluster_info={"cluster_name": "t"},
        )
        return self.folders.make(work)

    def start(self, job_id: str) -> str:
        assert self.jobs().submit(self.folders.entrypoint(job_id), job_id) == job_id
        return job_id

    def output(self, job_id: str) -> tuple[str, JobState]:
        limit = time.monotonic() + 40

        def is_gone() -> bool:
            assert time.monotonic() < limit, (self.folders.state(job_id), self.jobs().get(job_id))
            return self.jobs().get(job_id).has_ended

        text = b"".join(self.folders.follow(job_id, is_gone)).decode()
        return text, self.folders.state(job_id)

    def wait_for(self, job_id: str, text: str) -> None:
        limit = time.monotonic() + 30
        while text not in b"".join(self.folders.read(job_id)).decode():
            assert time.monotonic() < limit, b"".join(self.folders.read(job_id)).decode()
            time.sleep(0.05)

    def traces(self) -> list[str]:
        """Return the processes, sockets and folders that belong to this cluster."""
        marks = [os.fsencode(self.root / "machines")] + [os.fsencode(runtime(host.folder)) for host in self.hosts]
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
                text += os.fsencode((process / "cwd").readlink())
                if any(mark in text for mark in marks):
                    found.append(f"{process} {text[:100]!r}")
        network = f"{self.slot:02X}4D7F"  # /proc/net/tcp has addresses in host order
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            if re.match(f"[0-9A-F]{{2}}{network}:", address) and state == "0A":
                found.append(f"port {address}")
        found += [str(path) for path in (self.root / "machines").glob("*")]
        return found + [runtime(host.folder) for host in self.hosts if Path(runtime(host.folder)).exists()]


def runtime(folder: str) -> str:
    return f"/tmp/styx-{os.geteuid()}/{hashlib.sha256(folder.encode()).hexdigest()[:8]}"


def alive(mark: str) -> list[str]:
    """Return the processes with `mark` in their arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(process.name)
    return found


def wait_gone(mark: str, timeout_s: float = 8) -> None:
    limit = time.monotonic() + timeout_s
    while alive(mark):
        assert time.monotonic() < limit, alive(mark)
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    made.render()
    shared_memory = set(Path("/dev/shm").iterdir())
    for host in made.hosts:
        assert made.machine("create", host.folder) == "changed"
    try:
        made.play()
        yield made
    finally:
        made.remove()
    assert made.traces() == []
    limit = time.monotonic() + 10  # other clusters of this machine come and go, too
    while left := [path for path in set(Path("/dev/shm").iterdir()) - shared_memory if "plasma" in path.name]:
        assert time.monotonic() < limit, left
        time.sleep(0.05)


def test_a_second_run_changes_nothing(cluster):
    told = cluster.play()
    recap = told.split("PLAY RECAP")[1]
    assert len(re.findall(r"changed=0 ", recap)) == NODES, told


def test_files_and_setup_are_in_place(cluster):
    for host in cluster.hosts:
        home = Path(host.folder, "home")
        assert (home / "data" / "one.txt").read_text() == "one\n"
        assert (home / "workdir" / "code.py").exists()
        assert not (home / "workdir" / "noise.log").exists()
        assert (home / "workdir" / "setup.txt").read_text() == f"setup hello\n{host.rank}/{NODES}\n"


def test_the_roles_checks_pass(cluster, tmp_path):
    nodes = [
        {
            **cluster.variables, **cluster.host_variables(host), "styx_init": "machine", "styx_port": cluster.port,
            "styx_home": f"{host.folder}/home", "ray_version": "2.60.0",
            "groups": {"all": [each.name for each in cluster.hosts]},
        }
        for host in cluster.hosts
    ]  # fmt: skip
    (tmp_path / "given.py").write_text(
        "import pytest, testinfra\n"
        f"@pytest.fixture(params={nodes!r}, ids=lambda node: node['styx_role'])\n"
        "def node(request): return request.param\n"
        "@pytest.fixture\n"
        "def host(): return testinfra.get_host('local://')\n"
    )
    roles = cluster.ansible / "roles"
    checks = [file for role in ROLES for file in sorted((roles / role).glob("checks/test_*.py"))]
    assert len(checks) == len(ROLES)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "given", "-p", "no:cacheprovider", *checks],
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, cwd=cluster.ansible, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_a_gang_sees_its_variables(cluster):
    run = (
        'echo "$STYX_NODE_RANK of $SKYPILOT_NUM_NODES: $(echo $STYX_NODE_IPS) $STYX_TASK_ID $STYX_CLUSTER_INFO"; pwd; '
    )
    run += 'python code.py; ray --version; printf %s "$HOSTILE" > hostile'
    job_id = cluster.submit(run, HOSTILE=HOSTILE)
    text, state = cluster.output(job_id)
    addresses = [host.private_address for host in cluster.hosts]
    for host in cluster.hosts:
        line = f"{host.rank} of {NODES}: {' '.join(addresses)} task-1-{job_id} " + '{"cluster_name": "t"}'
        assert f"(rank {host.rank}) {line}\n" in text
        assert f"(rank {host.rank}) {host.folder}/home/workdir\n" in text
        assert f"(rank {host.rank}) from the workdir\n" in text
        assert f"(rank {host.rank}) ray, version 2.60.0\n" in text
        assert Path(host.folder, "home", "workdir", "hostile").read_text() == HOSTILE
    assert not Path("/tmp/styx-canary").exists()
    assert (state.state, state.exit_code, state.exit_codes) == ("succeeded", 0, (0, 0))
    assert list(state.addresses) == addresses


def test_a_ray_program_uses_every_node(cluster):
    (Path(cluster.hosts[0].folder) / "home" / "workdir" / "count.py").write_text(
        "import ray, time; ray.init(log_to_driver=False)\n"
        "@ray.remote(scheduling_strategy='SPREAD', num_cpus=1)\n"
        "def where(): time.sleep(.5); return ray.util.get_node_ip_address()\n"
        "print('nodes', len(set(ray.get([where.remote() for _ in range(4)]))))\n"
    )
    text, state = cluster.output(cluster.submit("python count.py 2>/dev/null", num_nodes=1, cpus=0))
    assert "nodes 2\n" in text
    assert state.exit_code == 0


def test_one_failing_rank_ends_the_others_and_what_they_left(cluster):
    mark = f"86400.{secrets.randbelow(10**6)}"
    run = f"nohup setsid sleep {mark} & (trap '' TERM; sleep {mark}) & "
    run += f"[ $STYX_NODE_RANK = 1 ] && sleep 0.5 && exit 7; sleep {mark}"
    text, state = cluster.output(cluster.submit(run))
    assert "[styx] rank 1 on" in text
    assert "exit code 7" in text
    assert (state.state, state.exit_code) == ("failed", 7)
    wait_gone(mark)
    info = cluster.jobs().wait(cluster.folders.ids()[-1], 10)
    assert (info.status, info.exit_code) == ("FAILED", 7)


def test_a_full_disk_ends_no_job_and_hides_no_failure(cluster):
    job_id = cluster.make("echo hidden; sleep 0.5; seq 100000; [ $STYX_NODE_RANK = 0 ] || exit 5")
    cluster.folders.log(job_id, 1).symlink_to("/dev/full")
    text, state = cluster.output(cluster.start(job_id))
    assert text.count("[styx] the logs are not whole: No space left on device\n") == 1
    assert "(rank 1) 100000\n" in text
    assert (state.state, state.exit_code) == ("failed", 5)


def test_a_progress_bar_is_seen_before_its_end_and_a_last_line_before_what_styx_says(cluster):
    flag = Path(cluster.hosts[0].folder, "home", "workdir", "seen")
    run = f"printf 'half\\r'; while [ ! -e {flag} ]; do sleep 0.1; done; printf 'no newline'; exit 3"
    job_id = cluster.submit(run, num_nodes=1)
    cluster.wait_for(job_id, "half\r")
    flag.touch()
    assert cluster.output(job_id)[0].startswith("half\rno newline\n[styx] rank 0 on ")


def test_what_breaks_the_driver_is_told(cluster):
    workdirs = [Path(host.folder, "home", "workdir") for host in cluster.hosts]
    workdirs[1].rename(workdirs[1].with_name("away"))
    try:
        text, state = cluster.output(cluster.submit("true"))
    finally:
        workdirs[1].with_name("away").rename(workdirs[1])
    assert text == f"[styx] the workdir {workdirs[1]} is not there; `styx apply` makes it again\n"
    assert (state.state, state.exit_code) == ("failed", 75)
    job_id = cluster.make("true")
    told = cluster.folders.log(job_id).with_name("job.json")
    told.write_text(told.read_text().replace('"cpus"', '"spus"'))
    text, state = cluster.output(cluster.start(job_id))
    assert text == "[styx] the job cannot go on: KeyError: 'cpus'\n"
    assert (state.state, state.exit_code) == ("failed", 70)


def test_cancel_ends_the_shells_on_every_node(cluster):
    mark = f"86400.{secrets.randbelow(10**6)}"
    job_id = cluster.submit(f"nohup setsid sleep {mark} & echo up; sleep {mark}")
    cluster.wait_for(job_id, "(rank 0) up")
    cluster.wait_for(job_id, "(rank 1) up")
    assert len(alive(mark)) == 2 * NODES
    assert cluster.jobs().stop(job_id)
    wait_gone(mark)
    text, state = cluster.output(job_id)
    assert state.state == "cancelled"
    assert "[styx] cancelled" in text
    assert cluster.jobs().wait(job_id, 10).status == "STOPPED"


def test_a_driver_that_is_killed_leaves_nothing(cluster):
    mark = f"86400.{secrets.randbelow(10**6)}"
    job_id = cluster.submit(f"echo up; exec sleep {mark}")
    cluster.wait_for(job_id, "(rank 1) up")
    for pid in alive(shlex.split(cluster.folders.entrypoint(job_id))[-1]):
        os.kill(int(pid), signal.SIGKILL)
    wait_gone(mark, 15)
    _, state = cluster.output(job_id)
    assert not state.has_ended
    info = cluster.jobs().get(job_id)
    assert info.status == "FAILED"
    assert merged(state, info).state == "lost"
    assert merged(state, info).has_ended


def test_jobs_share_or_queue_by_what_they_ask_for(cluster):
    flag = Path(cluster.hosts[0].folder, "home", "workdir", "go")
    first = cluster.submit(f"echo up; while [ ! -e {flag} ]; do sleep 0.1; done", cpus=1.5)
    cluster.wait_for(first, "(rank 1) up")
    second = cluster.submit("echo second", cpus=1.5)
    beside = cluster.submit("echo beside", cpus=0.5)
    text, state = cluster.output(beside)
    assert "beside" in text
    assert state.state == "succeeded"
    cluster.wait_for(second, "waiting for 2 node(s)")
    assert cluster.folders.state(second).state == "waiting"
    flag.touch()
    assert "(rank 1) second" in cluster.output(second)[0]
    assert cluster.output(first)[1].state == "succeeded"


def test_what_can_never_fit_is_refused(cluster):
    text, state = cluster.output(cluster.submit("true", cpus=64))
    assert "[styx] the job asks for 2 node(s) with 64 CPU" in text
    assert (state.state, state.exit_code) == ("failed", 75)


def test_sixty_megabytes_of_bytes_arrive_whole(cluster):
    make = (
        "import sys,random; r=random.Random(7); b=r.randbytes(1<<20); [sys.stdout.buffer.write(b) for _ in range(60)]"
    )
    began = time.monotonic()
    job_id = cluster.submit(f"python -c '{make}'", num_nodes=1)
    for _ in cluster.folders.follow(job_id, lambda: cluster.jobs().get(job_id).has_ended, rank=0):
        pass
    print(f"60 MB in {time.monotonic() - began:.1f} s")
    import random

    block = random.Random(7).randbytes(1 << 20)
    whole = hashlib.sha256()
    for _ in range(60):
        whole.update(block)
    assert hashlib.sha256(cluster.folders.log(job_id, 0).read_bytes()).digest() == whole.digest()


def test_a_worker_that_dies_under_a_job_is_told_and_comes_back(cluster):
    job_id = cluster.submit("echo up; sleep 86400")
    cluster.wait_for(job_id, "(rank 1) up")
    cluster.machine("stop", cluster.hosts[1].folder, "ray")
    text, state = cluster.output(job_id)
    assert f"rank 1 on {cluster.hosts[1].private_address} was lost" in text
    assert (state.state, state.exit_code) == ("failed", 255)
    recap = cluster.play().split("PLAY RECAP")[1]
    assert re.search(r"t-head .* changed=0 ", recap), recap
    assert re.search(r"t-worker-1 .* changed=1 ", recap), recap
    assert "(rank 1) again" in cluster.output(cluster.submit("echo again"))[0]


def test_another_token_is_refused_and_a_failing_setup_is_told(cluster):
    with pytest.raises(HostError, match="refuses this cluster's token"):
        Jobs(f"127.77.{cluster.slot}.1:{cluster.port + 1}", "0" * 64).list()
    cluster.variables["workspace_setup"] = "echo cannot go on with $S; exit 3"
    told = cluster.play(ok=False)
    assert "setup ended with exit code 3" in told
    assert "cannot go on with" in told
    assert "t-worker-1" in told


def test_a_removed_machine_takes_a_setup_that_still_runs_along(cluster):
    mark = f"86400.{secrets.randbelow(10**6)}"
    cluster.variables["workspace_setup"] = f"setsid sleep {mark} & sleep {mark}"
    playing = threading.Thread(target=cluster.play, kwargs={"ok": False})
    playing.start()
    limit = time.monotonic() + 30
    while len(alive(mark)) < 2 * NODES:
        assert time.monotonic() < limit
        time.sleep(0.05)
    cluster.remove()
    assert alive(mark) == []
    playing.join()
