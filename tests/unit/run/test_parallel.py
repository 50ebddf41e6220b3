"""One command for many hosts at once."""

import sys

from styx.run.parallel import TIMED_OUT, Words, everywhere


def python(code, **more):
    return Words((sys.executable, "-c", code), **more)


def test_lines_come_with_their_host_and_codes_in_order():
    told = []
    words = {name: python(f"import sys; print('out {name}'); print('err', file=sys.stderr); sys.exit({code})")
             for code, name in enumerate(("a", "b", "c"))}  # fmt: skip
    done = everywhere(words, lambda host, line: told.append((host, line)))
    assert list(done) == ["a", "b", "c"]
    assert [one.code for one in done.values()] == [0, 1, 2]
    assert sorted(told) == sorted((name, line) for name in "abc" for line in (f"out {name}", "err"))
    assert done["a"].stderr == "err"


def test_one_that_is_late_ends_and_the_others_do_not_wait_for_it():
    words = {"late": python("import time; print('up', flush=True); time.sleep(600)"), "quick": python("print('done')")}
    told = []
    done = everywhere(words, lambda host, line: told.append((host, line)), timeout_s=3)
    assert done["late"].code == TIMED_OUT
    assert done["quick"].code == 0
    assert ("quick", "done") in told


def test_a_program_that_is_not_there_is_told_as_a_shell_tells_it():
    assert everywhere({"a": Words(("no-such-program",))}, lambda *_: None)["a"].code == 127


def test_environment_folder_and_a_line_without_an_end(tmp_path):
    told = []
    code = "import os; print(os.environ['A'], os.getcwd(), end='')"
    everywhere({"a": python(code, env={"A": "é"}, folder=tmp_path)}, lambda _, line: told.append(line))
    assert told == [f"é {tmp_path}"]
