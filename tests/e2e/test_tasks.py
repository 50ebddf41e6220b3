"""Tasks from the command line through a server and an agent, with everything that can be in the way."""

import json
import os
import signal
import subprocess
import time

import pytest

from tests.e2e import tasks
from tests.e2e.flaky import FlakyProxy
from tests.e2e.user import STYX


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with tasks.serving(tmp_path_factory.mktemp("server"), lease=3) as running:
        yield running


@pytest.fixture(scope="module")
def agent(server):
    with tasks.agent(server, "a1", "--concurrency=4", "--label=plain", STYX_SECRET_WORD="open-sesame") as running:
        yield running


def styx(server, *words, code=0, timeout=60):
    done = subprocess.run(
        [STYX, *words], env=tasks.environment(server.folder / "user", STYX_SERVER_URL=server.url),
        cwd=server.folder, capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout


def test_a_command_runs_and_its_code_and_output_come_back(server, agent):
    assert styx(server, "submit", "-f", "--", "sh", "-c", "echo one; echo two >&2; exit 3", code=3) == "one\ntwo\n"
    (task,) = json.loads(styx(server, "tasks", "list", "--json", "--limit", "1"))
    assert (task["state"], task["exit_code"], task["output"]) == ("failed", 3, "one\ntwo\n")
    assert "failed" in styx(server, "tasks", "list")
    assert styx(server, "tasks", "logs", task["id"]) == "one\ntwo\n"
    assert "two" in styx(server, "tasks", "show", task["id"])


def test_words_are_not_read_by_a_shell_and_a_command_is(server, agent):
    words = ["a b", "$HOME", "'", '"', "\n", "{{ x }}", "é", ""]
    told = styx(server, "submit", "-f", "--", "python3", "-c", "import sys; print(sys.argv[1:])", *words)
    assert told == f"{words}\n"


def test_the_environment_is_clean_and_a_secret_is_the_agents(server, agent):
    task_id = server.submit("env; echo $WORD", secrets=["WORD"], env={"MINE": "1"})
    server.until(task_id, "succeeded")
    log = server.log(task_id)
    assert "MINE=1" in log
    assert "WORD=***\n" in log
    assert "open-sesame" not in log + json.dumps(server.task(task_id))
    assert "STYX_SERVER_URL" not in log
    assert "STYX_SECRET" not in log
    missing = server.until(server.submit("true", secrets=["OTHER"]), "failed")
    assert "no secret OTHER" in missing["output"]


def test_a_spec_is_validated_here_and_done_there(server, agent):
    spec = server.folder / "task.yaml"
    spec.write_text("resources: {infra: local}\nrun: echo hello\n")
    assert "task.yaml" in styx(server, "submit", "task.yaml", "--verb", "validate", "-f")
    for _ in range(2):  # the folder stays with the agent: a second task finds its cluster
        assert "3 to add" in styx(server, "submit", "task.yaml", "--verb", "plan", "-f")
    assert (server.folder / "home-a1/state/agent/a1/clusters/task/terraform/main.tf").exists()
    spec.write_text("nonsense: 1\n")
    styx(server, "submit", "task.yaml", code=2)


def test_an_agent_makes_a_cluster_tells_of_it_and_destroys_it(server, agent):
    def clusters():
        stream = server.ask("GET", "/api/v1/live?follow=false")[1]
        change = json.loads(stream.partition("data: ")[2].partition("\n")[0])
        (own,) = (agent for agent in change["agents"] if agent["name"] == "a1")
        return [(one["name"], one["status"], one["nodes"]) for one in own["clusters"]]

    def until(wanted):
        deadline = time.monotonic() + 60
        while clusters() != wanted:
            assert time.monotonic() < deadline, clusters()
            time.sleep(0.2)

    done = server.folder / "made-by-setup"
    spec = f"resources: {{infra: local}}\nsetup: echo $STYX_SETUP_NODE_RANK > {done}\nstyx: {{ray: false}}\n"
    (server.folder / "small.yaml").write_text(spec)
    told = styx(server, "submit", "small.yaml", "-f", timeout=240)
    assert "small" in told
    assert done.read_text() == "0\n"
    until([("small", "up", 1)])
    (task,) = json.loads(styx(server, "tasks", "list", "--json", "--name", "small"))
    assert (task["state"], task["verb"], task["exit_code"]) == ("succeeded", "apply", 0)
    styx(server, "submit", "small.yaml", "--verb", "destroy", "-f", timeout=240)
    until([])


def test_a_task_takes_no_longer_than_it_may(server, agent):
    task = server.until(server.submit("sleep 60 & sleep 60", timeout_s=0.5), "failed", within=15)
    assert task["exit_code"] == 124


def test_a_task_that_ignores_the_interrupt_is_killed_with_all_it_started(server, agent):
    mark = f"7{os.getpid()}"
    task_id = server.submit(f"trap '' INT TERM; setsid sleep {mark} & sleep {mark}; sleep {mark}")
    server.until(task_id, "running")
    time.sleep(0.5)
    styx(server, "tasks", "cancel", task_id)
    server.until(task_id, "cancelled", within=25)
    assert subprocess.run(["pgrep", "-f", f"sleep {mark}"], capture_output=True).stdout == b""


def test_a_log_grows_while_the_task_runs_and_is_followed_to_its_end(server, agent):
    gate = server.folder / "gate"
    task_id = server.submit(f"echo 1; until [ -e {gate} ]; do sleep 0.1; done; echo 2; echo 3")
    follower = subprocess.Popen(
        [STYX, "tasks", "logs", "-f", task_id], stdout=subprocess.PIPE, text=True,
        env=tasks.environment(server.folder / "user", STYX_SERVER_URL=server.url),
    )  # fmt: skip
    assert follower.stdout.readline() == "1\n"
    assert server.task(task_id)["state"] == "running"
    gate.touch()
    assert follower.stdout.read() == "2\n3\n"
    assert follower.wait(20) == 0


def test_large_output_comes_whole_and_without_end_of_line(server, agent):
    task_id = server.submit("head -c 3000000 /dev/zero | tr '\\0' x; echo end")
    task = server.until(task_id, "succeeded")
    assert task["log_bytes"] == 3_000_004
    assert server.log(task_id) == "x" * 3_000_000 + "end\n"
    assert len(task["output"]) == 64 << 10


def test_order_labels_and_retries_through_a_real_agent(server, agent):
    flag = server.folder / "flag"
    first = server.submit(f"test -e {flag} || {{ touch {flag}; exit 1; }}", retries=1, labels=["plain"])
    second = server.submit("echo after", after=[first])
    assert server.until(second, "succeeded")["attempt"] == 1
    assert server.task(first)["attempt"] == 2
    elsewhere = server.submit("true", labels=["other"])
    time.sleep(1)
    assert server.task(elsewhere)["state"] == "queued"


def test_a_killed_agents_task_is_queued_again_in_time_and_its_processes_are_gone(server):
    mark = f"8{os.getpid()}"
    task_id = server.submit(f"sleep {mark}", labels=["frail"])
    with tasks.agent(server, "frail", "--label=frail") as process:
        server.until(task_id, "running")
        process.send_signal(signal.SIGKILL)
        since = time.monotonic()
        server.until(task_id, "queued", within=5.5)
        assert time.monotonic() - since < 3 + 2
    assert subprocess.run(["pgrep", "-f", f"sleep {mark}"], capture_output=True).stdout == b""
    server.ask("POST", f"/api/v1/tasks/{task_id}/cancel", {})


def test_a_stopped_agent_comes_back_to_find_its_task_done_by_another(server):
    runs = server.folder / "runs"
    task_id = server.submit(f"echo $STYX_TASK_ATTEMPT >> {runs}; sleep 1", labels=["slow"])
    with tasks.agent(server, "s1", "--label=slow") as first:
        server.until(task_id, "running")
        first.send_signal(signal.SIGSTOP)
        with tasks.agent(server, "s2", "--label=slow"):
            done = server.until(task_id, "succeeded", within=15)
            first.send_signal(signal.SIGCONT)
            time.sleep(2)
    assert (done["agent"], done["attempt"]) == ("s2", 2)
    assert server.task(task_id) == done
    assert runs.read_text() == "1\n2\n"


def test_an_agent_that_is_told_to_end_lets_its_task_end_or_gives_it_back(server):
    task_id = server.submit("sleep 1; echo done", labels=["leaving"])
    with tasks.agent(server, "l1", "--label=leaving") as process:
        server.until(task_id, "running")
        process.terminate()
        assert process.wait(15) == 0
    assert server.task(task_id)["state"] == "succeeded"
    task_id = server.submit("sleep 60", labels=["leaving"])
    with tasks.agent(server, "l2", "--label=leaving", "--drain=0") as process:
        server.until(task_id, "running")
        process.terminate()
        assert process.wait(20) == 0
    assert server.task(task_id)["state"] == "queued"


def test_a_second_agent_of_one_name_is_refused(server, agent):
    home = server.folder / "home-a1"
    done = subprocess.run([STYX, "agent", "--name", "a1"], env=tasks.environment(home, STYX_SERVER_URL=server.url),
                          capture_output=True, text=True, timeout=20)  # fmt: skip
    assert done.returncode == 4
    assert "--name" in done.stderr


@pytest.mark.parametrize("words", [("--name=a b",), ("--name=a2", "--label=gpu,fast")])
def test_an_agent_that_no_server_would_serve_does_not_start(server, words):
    done = subprocess.run([STYX, "agent", *words], env=tasks.environment(server.folder, STYX_SERVER_URL=server.url),
                          capture_output=True, text=True, timeout=60)  # fmt: skip
    assert done.returncode == 2
    assert "is no name" in done.stderr


def test_a_log_is_also_had_as_json(server, agent):
    task_id = server.submit("echo one")
    server.until(task_id, "succeeded")
    done = subprocess.run([STYX, "tasks", "logs", task_id, "--follow", "--json"], capture_output=True, text=True,
                          env=tasks.environment(server.folder, STYX_SERVER_URL=server.url), timeout=60)  # fmt: skip
    assert json.loads(done.stdout) == {"id": task_id, "log": "one\n"}


def test_the_server_may_go_and_come_while_tasks_run(tmp_path):
    with tasks.serving(tmp_path, lease=3) as server, tasks.agent(server, "a1", "--concurrency=3"):
        runs = tmp_path / "runs"
        ids = [server.submit(f"echo $STYX_TASK_ID >> {runs}; echo begin; sleep {wait}; echo end") for wait in (1, 3, 5)]
        for task_id in ids:
            server.until(task_id, "running")
        server.kill()
        time.sleep(4)  # longer than a lease
        server.start()
        for task_id in ids:
            assert server.until(task_id, "succeeded")["attempt"] == 1
            assert server.log(task_id) == "begin\nend\n"
    assert sorted(runs.read_text().split()) == sorted(ids)


def test_a_follower_loses_nothing_of_a_second_attempt_when_the_server_goes_and_comes(tmp_path):
    go = tmp_path / "go"
    wait = f"until [ -e {go} ]; do sleep 0.1; done"
    line = f"echo begin; [ $STYX_TASK_ATTEMPT -gt 1 ] || exit 1; echo more; {wait}; echo end"
    with tasks.serving(tmp_path, lease=30) as server, tasks.agent(server, "a1"):
        follower = subprocess.Popen(
            [STYX, "submit", "-f", "--retries=1", "--", "sh", "-c", line],
            env=tasks.environment(tmp_path / "user", STYX_SERVER_URL=server.url), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with follower:
            seen = [follower.stdout.readline() for _ in range(3)]
            server.kill()
            server.start()
            go.touch()
            rest = follower.stdout.read()
        assert ("".join(seen), rest, follower.returncode) == ("begin\nbegin\nmore\n", "end\n", 0)


def test_a_result_that_could_not_be_told_is_told_by_the_agents_next_process(tmp_path):
    with tasks.serving(tmp_path, lease=30) as server:
        task_id = server.submit("sleep 1; echo kept")
        with tasks.agent(server, "a1") as process:
            server.until(task_id, "leased", "running", "succeeded")
            server.kill()
            deadline = time.monotonic() + 20
            folder = tmp_path / "home-a1" / "state" / "agent" / "a1" / "attempts"
            while not list(folder.glob("*/result.json")):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            process.kill()
            process.wait()
        server.start()
        with tasks.agent(server, "a1"):
            task = server.until(task_id, "succeeded")
        assert (task["attempt"], task["output"]) == (1, "kept\n")
        assert not list(folder.glob("*/"))


def test_a_line_that_is_cut_all_the_time_loses_nothing_and_does_nothing_twice(tmp_path):
    with tasks.serving(tmp_path, lease=20) as server:
        proxy = FlakyProxy(server.port, share=0.8, seed=8)
        runs = tmp_path / "runs"
        command = (
            f"echo $STYX_TASK_ID >> {runs}; for i in 1 2 3 4; do head -c 2000 /dev/zero | tr '\\0' $i; sleep 0.1; done"
        )
        ids = [server.submit(command) for _ in range(12)]
        with tasks.agent(server, "a1", "--concurrency=5", "--server", f"http://127.0.0.1:{proxy.port}"):
            for task_id in ids:
                assert server.until(task_id, "succeeded", within=60)["attempt"] == 1
        assert proxy.cut >= 5
        proxy.close()
        assert sorted(runs.read_text().split()) == sorted(ids)
        expected = "".join(letter * 2000 for letter in "1234")
        assert [server.log(task_id) for task_id in ids] == [expected] * len(ids)
