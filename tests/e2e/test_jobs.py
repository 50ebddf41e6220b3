"""The main road as a user drives it: one cluster of two nodes on this machine, and everything that is done with it."""

import contextlib
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.user import STYX, Styx

pytestmark = pytest.mark.ray

EXAMPLES = Path(__file__).parents[2] / "examples"

SPEC = """\
name: road
num_nodes: 2
resources: {infra: local}
envs: {GREETING: hello}
secrets: {TOKEN: null}
setup: |
  echo "setup of node $STYX_SETUP_NODE_RANK with ${#TOKEN} characters"
run: |
  echo "$GREETING from rank $STYX_NODE_RANK of $SKYPILOT_NUM_NODES"
"""
CANARY = "canary-5e0c1e"


@pytest.fixture(scope="module")
def styx(tmp_path_factory):
    """Give a user of their own a standing cluster, and take it away without a trace."""
    root = tmp_path_factory.mktemp("road")
    (root / "work").mkdir()
    user = Styx(root / "work", root / "home")
    user.spec(SPEC)
    try:
        out, _ = user("apply", "task.yaml", "--yes", "--secret", f"TOKEN={CANARY}")
        assert sorted(re.findall(r"\(rank \d\) hello from rank (\d) of 2", out)) == ["0", "1"]
        yield user
    finally:
        addresses = [host["private_address"] for one in user.json("status") for host in one["hosts"]]
        for one in user.json("status"):
            user("destroy", one["name"], "--yes")
    assert_nothing_is_left(user, addresses)


def assert_nothing_is_left(user, addresses):
    """Look for processes, listeners, shared memory and folders of the clusters that were destroyed."""
    ours = str(user.home)
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and process.name != str(os.getpid()):
            try:
                words = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except OSError:
                continue
            assert ours.encode() not in words, words[:300]
    sockets = Path("/proc/net/tcp").read_text().splitlines()
    listening = "\n".join(line for line in sockets if line.split()[3] == "0A")
    for address in addresses:
        assert "".join(f"{int(part):02X}" for part in reversed(address.split("."))) not in listening
    assert not list((user.home / "state" / "local").glob("*"))
    assert not [path for path in Path("/dev/shm").iterdir() if path.stat().st_mtime > user.started]


def test_a_second_apply_changes_nothing(styx):
    started = time.monotonic()
    applied = styx.json("apply", "task.yaml", "--yes", "--no-run", "--secret", f"TOKEN={CANARY}")
    assert applied["hosts_changed"] == 0
    assert "0 to add, 0 to change, 0 to destroy" in styx("plan", "task.yaml")[0]
    assert time.monotonic() - started < 60  # a hang, not a benchmark


def test_no_secret_is_anywhere_but_where_it_belongs(styx):
    for root in (styx.home / "state", styx.folder):
        for folder, _, names in os.walk(root):  # a cluster runs in there: files come and go
            for path in (Path(folder, name) for name in names):
                with contextlib.suppress(FileNotFoundError):
                    if path.is_file() and not path.is_symlink() and CANARY.encode() in path.read_bytes():
                        assert re.search(r"/jobs/\d+/job\.json$|/home/\.styx/", str(path)), path
                        assert path.stat().st_mode & 0o777 == 0o600


def test_exec_a_command_and_its_exit_code(styx):
    out, _ = styx("exec", "road", "--num-nodes", "2", "--", "echo $STYX_NODE_RANK; echo $STYX_NODE_IPS | wc -w")
    assert sorted(out.split("\n")) == ["", "(rank 0) 0", "(rank 0) 2", "(rank 1) 1", "(rank 1) 2"]
    _, err = styx("exec", "road", "--", "exit 3", code=10)
    assert "exit code 3" in err
    out, _ = styx("exec", "road", "--", "printf", "%s|", "a b", "$HOME")
    assert out.strip() == "a b|$HOME|"


def test_exec_honours_its_options_or_refuses_them(styx):
    out, _ = styx("exec", "road", "--env", "A=1", "--secret", "B=two", "--", "echo $A $B")
    assert out == "1 two\n"
    assert "no accelerator" in styx("exec", "road", "--gpus", "A100:8", "--", "true", code=2)[1]
    assert "at least 1" in styx("exec", "road", "--num-nodes", "0", "--", "true", code=2)[1]
    assert "has 2" in styx("exec", "road", "--num-nodes", "3", "--", "true", code=2)[1]
    styx("exec", "road", "--cpus", "4096", "--", "true", code=10)


def test_exec_a_spec_with_files_and_setup(styx):
    (styx.folder / "files").mkdir()
    (styx.folder / "files" / "note.txt").write_text("a note")
    spec = styx.spec(
        "num_nodes: 2\nworkdir: files\nsetup: echo ready > ~/ready\nrun: cat note.txt ~/ready; echo\n", "second.yaml"
    )
    out, _ = styx("exec", "road", spec)
    assert out.count("a note") == 2
    assert out.count("ready") == 2


NASTY = [
    *("${HOME}", "{{ 1 + 1 }}", "%{ if", "$(touch canary)", "`touch canary`", "'", '"', "\\", "{%", "#", ": ", "- "),
    *(
        "\n",
        "\t",
        "\r",
        "\x01",
        "\x85",
        "\u2028",
        "é",
        "!unsafe ",
        "no",
        "012",
        "1.10",
        "null",
        " ",
        ";",
        "&",
        "|",
        "*",
        "~",
    ),
]


def test_every_value_reaches_setup_and_job_byte_for_byte(styx):
    chance = random.Random(24)
    values = {f"V{number}": "".join(chance.choices(NASTY, k=number % 7)) for number in range(200)}
    values |= {f"W{number}": text for number, text in enumerate(NASTY)}
    show = "python3 -c 'import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k[0] in \"VW\"}))'"
    spec = {"name": "nasty", "envs": values, "setup": f"{show} > ~/setup.json", "run": f"cat ~/setup.json; {show}"}
    lines = styx("exec", "road", styx.spec(json.dumps(spec), "nasty.yaml"))[0].splitlines()
    for line in lines:
        found = json.loads(line)
        assert {name: found.get(name) for name in values} == values
    assert len(lines) == 2
    assert not list(styx.home.rglob("canary"))
    assert not list(styx.folder.rglob("canary"))


def test_one_failing_rank_ends_the_others(styx):
    started = time.monotonic()
    run = "if [ $STYX_NODE_RANK = 1 ]; then exit 7; fi; setsid sleep 300 & nohup sleep 301 & sleep 302"
    _, err = styx("exec", "road", "--num-nodes", "2", "--", run, code=10)
    assert "exit code 7" in err
    assert time.monotonic() - started < 60
    assert not sleeping("30[012]")


def sleeping(pattern):
    """Return the command lines of processes that sleep for a time that matches `pattern`."""
    found = subprocess.run(["pgrep", "-af", f"^sleep {pattern}"], capture_output=True, text=True, check=False)
    return found.stdout


def test_cancel_ends_the_shells_on_every_node(styx):
    job = styx.json("exec", "road", "--num-nodes", "2", "--detach", "--", "sleep 310 & sleep 311")["job"]
    wait_for(lambda: len(sleeping("31[01]").splitlines()) == 4)
    assert styx.json("cancel", "road", job)["state"] == "cancelled"
    assert not sleeping("31[01]")
    states = {one["id"]: one["state"] for one in styx.json("queue", "road")}
    assert states[job] == "cancelled"


def wait_for(found, seconds=60):
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_ctrl_c_while_following_leaves_the_job(styx):
    following = styx.start("exec", "road", "--", "echo begun; sleep 6; echo ended")
    assert following.stdout.readline() == "begun\n"
    following.send_signal(signal.SIGINT)
    _, err = following.communicate(timeout=30)
    assert following.returncode == 130
    assert "lives on" in err
    assert "styx logs road" in err
    out, _ = styx("logs", "road", "-f")
    assert out == "begun\nended\n"


def test_logs_of_one_rank_and_their_tail(styx):
    styx("exec", "road", "--num-nodes", "2", "--", "for i in 1 2 3; do echo $STYX_NODE_RANK-$i; done")
    assert styx("logs", "road", "--rank", "1")[0] == "1-1\n1-2\n1-3\n"
    assert styx("logs", "road", "--rank", "1", "--tail", "1")[0] == "1-3\n"
    styx("logs", "road", "--rank", "7", code=2)
    styx("logs", "road", "99", code=2)


def test_sixty_megabytes_and_bytes_that_are_no_text(styx):
    run = r"printf 'bin \000\377\376 end\n'; head -c 60000000 /dev/zero | tr '\0' 'x' | fold -w 999; echo last"
    job = styx.json("exec", "road", "--detach", "--", run)["job"]
    words = [STYX, "logs", "road", job, "-f"]
    out = subprocess.run(
        words, cwd=styx.folder, env=styx.environment, capture_output=True, check=True, timeout=120
    ).stdout
    assert out.startswith(b"bin \x00\xff\xfe end\n")
    assert out.endswith(b"last\n")
    assert len(out) > 60_000_000


def test_ssh_verify_status_dashboard(styx):
    out, _ = styx("ssh", "road", "--rank", "1", "--", "echo $STYX_NODE_RANK; pwd; exit 5", code=5)
    assert out.splitlines()[0] == "1"
    assert out.splitlines()[1].endswith("road-worker-1/home/workdir")
    checks = styx.json("verify", "road")
    assert len(checks) > 10
    assert all(check["passed"] for check in checks)
    (seen,) = styx.json("status", "road", "-v")
    assert len(seen["ray_alive"]) == 2
    assert styx.json("dashboard", "road")["alive"]


def test_a_failing_setup_names_host_code_and_output(styx):
    spec = styx.spec("setup: echo about to fail; exit 9\nrun: echo never\n", "fails.yaml")
    out, err = styx("exec", "road", spec, code=7)
    assert "about to fail" in err
    assert "9" in err
    assert "road-head" in err
    assert "never" not in out


def test_ctrl_c_in_mid_setup_leaves_nothing_running(styx):
    spec = styx.spec("setup: sleep 320\nrun: echo never\n", "slow.yaml")
    run = styx.start("exec", "road", spec)
    wait_for(lambda: sleeping("320"))
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    assert run.returncode == 130
    wait_for(lambda: not sleeping("320"), 15)


def test_a_pipeline_runs_in_order_beside_a_cluster_and_leaves_nothing(styx):
    beside = styx.start("exec", "road", "--", "while [ ! -e ~/stop ]; do sleep 0.2; done; echo undisturbed")
    out, _ = styx("apply", EXAMPLES / "pipeline.yaml", "--yes")
    assert out.index("preparing the data") < out.index("training on what was prepared")
    assert [one["name"] for one in styx.json("status")] == ["road"]
    styx("ssh", "road", "--rank", "0", "--", "touch ~/stop")
    styx("ssh", "road", "--rank", "1", "--", "touch ~/stop")
    assert beside.communicate(timeout=60)[0] == "undisturbed\n"
    assert beside.returncode == 0


def test_ctrl_c_in_a_group_stops_the_watching_at_once(styx):
    text = "name: grp\nexecution: parallel\n" + "".join(
        f"---\nname: {name}\nresources: {{infra: local}}\nrun: echo {name} begun; sleep 330\n" for name in "ab"
    )
    run = styx.start("apply", styx.spec(text, "group.yaml"), "--yes")
    seen = ""
    while not ("a begun" in seen and "b begun" in seen):
        line = run.stdout.readline()
        assert line, seen
        seen += line
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=30)
    assert run.returncode == 130
    assert err.count("lives on") == 2
    for name in ("grp-a", "grp-b"):
        styx("destroy", name, "--yes")
    assert not sleeping("330")


def test_what_a_worker_loses_an_apply_brings_back(styx):
    (worker,) = [host for one in styx.json("status") for host in one["hosts"] if host["role"] == "worker"]
    subprocess.run(["python3", f"{worker['folder']}/machine.py", "stop", worker["folder"], "ray"], check=True)
    shutil.rmtree(worker["folder"])
    applied = styx.json("apply", "task.yaml", "--yes", "--no-run", "--secret", f"TOKEN={CANARY}")
    assert applied["hosts_changed"] > 0
    assert len(styx.json("status", "road", "-v")[0]["ray_alive"]) == 2
    assert all(check["passed"] for check in styx.json("verify", "road"))


EXPECTED = {
    "hello.yaml": "hello from rank 1 of 2",
    "two-nodes.yaml": "rank 1: the head is 127.77.",
    "envs-and-secrets.yaml": "hello, model small; the token has 6 characters",
    "file-mounts.yaml": "3 words, and a note from the workdir",
    "ray-program.yaml": "a task ran on 127.77.",
    "torch-rendezvous.yaml": "rank 1: the ranks sum to 1",
    "sweep.yaml": "trying learning rate 0.003",
    "budget.yaml": "within the budget",
}
GIVEN = {"envs-and-secrets.yaml": ("--env", "MODEL=small", "--secret", "HF_TOKEN=abcdef")}
ELSEWHERE = {"pipeline.yaml", "plain-machines.yaml"}  # applied in a test of their own
NEED_A_CLOUD = {"gpu.yaml", "spot.yaml"}


def test_a_stopped_cluster_keeps_its_disks_shows_no_drift_and_comes_back_with_ray(styx):
    name = styx.json("status")[0]["name"]
    head = styx.json("status")[0]["hosts"][0]
    Path(head["folder"], "home", "kept").write_text("kept")
    styx("stop", name, code=2)  # nobody is there to say yes
    assert styx.json("stop", name, "--yes")["status"] == "stopped"
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection((head["private_address"], head["ray_port"]), timeout=5),
    ):
        pass
    assert styx.json("drift", name)["drift"] == []
    assert [run["ended"] for run in styx.json("cost-report")["runs"] if run["cluster"] == name] == [None]
    given = ("--secret", f"TOKEN={CANARY}")
    _, err = styx("apply", "task.yaml", "--yes", *given, code=2)
    assert f"styx start {name}" in err
    _, err = styx("start", name, code=2)
    assert "--secret TOKEN" in err
    assert styx.json("start", name, *given)["status"] == "up"
    assert "kept" in styx("exec", name, "--", "cat ~/kept")[0]
    assert CANARY not in (styx.home / "state" / "journal" / f"{name}.jsonl").read_text()


def test_every_example_is_accounted_for():
    assert {path.name for path in EXAMPLES.glob("*.yaml")} == EXPECTED.keys() | ELSEWHERE | NEED_A_CLOUD


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example_does_what_it_says(styx, name):
    words = ("--cluster", "road", "--out", "infra/road", "--num-nodes", "2", "--yes", *GIVEN.get(name, ()))
    assert EXPECTED[name] in styx("apply", EXAMPLES / name, *words)[0]
