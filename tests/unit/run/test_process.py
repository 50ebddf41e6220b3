import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from styx.errors import ToolMissingError
from styx.run import process
from styx.run.process import Command, Stop


def python(code: str, folder: Path, **options) -> Command:
    return Command((sys.executable, "-IS", "-c", code), folder, dict(os.environ), **options)


def run(command: Command, stop: Stop | None = None):
    lines: list[tuple[str, str]] = []
    outcome = process.run(command, lambda stream, line: lines.append((stream, line)), stop)
    return outcome, lines


def is_gone(pid: int) -> bool:
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_lines_of_both_streams_and_the_exit_code(tmp_path):
    code = "import sys; print('a'); print('ä\\udcff'.encode('utf-8','surrogateescape')); "
    code += "sys.stderr.write('no line break'); sys.exit(7)"
    outcome, lines = run(python(code, tmp_path))
    assert (outcome.code, outcome.stopped, outcome.killed) == (7, "", False)
    assert ("stdout", "a") in lines
    assert ("stderr", "no line break") in lines


def test_bytes_that_are_no_text_do_not_stop_it(tmp_path):
    _, lines = run(python("import os; os.write(1, b'\\xff\\xfe\\nok\\n')", tmp_path))
    assert lines == [("stdout", "\ufffd\ufffd"), ("stdout", "ok")]


def test_much_output_arrives_whole(tmp_path):
    _, lines = run(python("print('x' * 3_000_000); print('y\\n' * 50_000, end='')", tmp_path))
    assert len(lines[0][1]) == 3_000_000
    assert len(lines) == 50_001


def test_its_own_session_a_closed_input_and_a_private_umask(tmp_path):
    code = "import os; print(os.getsid(0) == os.getpid(), os.read(0, 1), oct(os.umask(0)))"
    assert run(python(code, tmp_path))[1] == [("stdout", "True b'' 0o77")]


def test_a_child_that_lives_on_does_not_hold_the_caller(tmp_path):
    code = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid)"
    started = time.monotonic()
    outcome, lines = run(python(code, tmp_path))
    assert time.monotonic() - started < 30
    assert outcome.code == 0
    os.kill(int(lines[0][1]), signal.SIGKILL)  # it was left alone, since nobody asked for a stop


def test_a_timeout_interrupts_then_kills_what_was_started(tmp_path):
    code = "import signal, subprocess, time; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    code += "print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    started = time.monotonic()
    outcome, lines = run(python(code, tmp_path, timeout_s=4, grace_s=0.2))
    assert (outcome.stopped, outcome.killed, outcome.code) == ("timeout", True, -signal.SIGKILL)
    assert time.monotonic() - started < 30
    assert is_gone(int(lines[0][1]))


def test_a_graceful_end_still_takes_the_grandchildren(tmp_path):
    code = "import subprocess, sys, time\nprint(subprocess.Popen(['sleep', '60'], start_new_session=False, "
    code += "preexec_fn=lambda: __import__('signal').signal(2, 1)).pid, flush=True)\n"
    code += "try:\n  time.sleep(60)\nexcept KeyboardInterrupt:\n  print('saved'); sys.exit(3)"
    outcome, lines = run(python(code, tmp_path, timeout_s=4))
    assert (outcome.code, outcome.killed, lines[1]) == (3, False, ("stdout", "saved"))
    assert is_gone(int(lines[0][1]))


def test_a_request_from_another_thread_and_a_second_that_does_not_wait(tmp_path):
    stop = Stop()
    # print() may not be entered again from a handler that interrupts it; write() may
    code = "import os, signal, time; signal.signal(signal.SIGINT, lambda *_: os.write(1, b'asked\\n'))\n"
    code += "print('up', flush=True)\nwhile True: time.sleep(1)"
    seen: list[str] = []

    def on_line(_, line):
        seen.append(line)
        threading.Thread(target=stop.ask).start()  # each answer asks again, harder

    started = time.monotonic()
    outcome = process.run(python(code, tmp_path, grace_s=60), on_line, stop)
    assert seen == ["up", "asked", "asked"]
    assert (outcome.stopped, outcome.killed) == ("asked", True)
    assert time.monotonic() - started < 10


def test_a_request_made_before_the_start_is_not_for_this_command(tmp_path):
    stop = Stop()
    stop.ask()
    assert run(python("print(1)", tmp_path), stop)[0].stopped == ""


def test_ctrl_c_stops_it_gracefully_and_the_handler_is_given_back(tmp_path):
    code = "import time\ntry:\n  print('up', flush=True); time.sleep(60)\nexcept KeyboardInterrupt:\n  print('saved')"
    lines: list[str] = []

    def on_line(_, line):
        lines.append(line)
        if line == "up":
            os.kill(os.getpid(), signal.SIGINT)

    outcome = process.run(python(code, tmp_path), on_line)
    assert (outcome.code, outcome.stopped, lines) == (0, "asked", ["up", "saved"])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_in_the_callback_ends_the_command_before_it_is_raised(tmp_path):
    code = "import os, time\nprint(os.getpid(), flush=True)\n"
    code += "try:\n  time.sleep(60)\nexcept KeyboardInterrupt:\n  open('saved', 'w').close()"
    lines: list[str] = []

    def on_line(_, line):
        lines.append(line)
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        process.run(python(code, tmp_path), on_line)
    assert is_gone(int(lines[0]))
    assert (tmp_path / "saved").exists()


def test_a_missing_program_is_named(tmp_path):
    with pytest.raises(ToolMissingError, match="no-such-program"):
        run(Command(("no-such-program",), tmp_path, {}))


def test_the_environment_is_not_shown():
    assert "canary" not in repr(Command(("true",), Path(), {"TOKEN": "canary"}))
