"""Edits of rendered folders meet new renderings: they are in the result, or are reported, whatever they are."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from styx import files
from styx.catalog import Catalog
from styx.cli.main import main
from styx.errors import IntegrityError
from styx.lifecycle import locked, merging
from styx.lifecycle.rendered import rendering_of
from styx.lifecycle.target import Target
from styx.offer import Offer
from styx.optimizer import choose
from styx.render import render
from styx.spec import loads
from styx.workdir import LOCK_FILE, Workdir

SPEC = """\
name: demo
num_nodes: {nodes}
resources: {{infra: local}}
envs: {{MODE: {mode}}}
setup: echo ready
run: echo {mode}
styx: {{ray: false}}
"""
OFFERS = (
    Offer("local", "this-machine", "this-machine", vcpus=8, memory_gib=32, hourly_usd=0, price_kind="own",
          max_count=200, divisible=True),
)  # fmt: skip


def regenerate(folder, text):
    """Render `text` into `folder` as `styx render` does."""
    (folder / "demo.yaml").write_text(text)
    spec = loads(text, str(folder / "demo.yaml"))
    target = Target(spec, 0, "demo", Workdir(folder / "infra" / "demo"))
    plan = locked.plan_of([target], [locked.lock_of(target)]) or choose(spec, Catalog(OFFERS), ("local",))
    rendering = rendering_of(target, plan, public_key=lambda _target, _lock: "")
    bundle = render(rendering)

    def merge(clashes):
        both = merging.merged(target, bundle, rendering, clashes)
        merging.remember(bundle, tuple(both))
        return both

    written = target.workdir.write(bundle, merge=merge)
    merging.refuse_conflicts(target.workdir.folder, (*written.kept, *written.merged))
    return written


def git(folder, *words):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(("git", *identity, *words), cwd=folder, check=True, capture_output=True)


def commit(folder):
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Give a repository with one rendered cluster, committed, and the paths that the next spec changes."""
    folder = tmp_path_factory.mktemp("template")
    git(folder, "init", "-q")
    regenerate(folder, SPEC.format(nodes=2, mode="first"))
    commit(folder)
    generated = Workdir(folder / "infra" / "demo").generated()
    return SimpleNamespace(folder=folder, paths=sorted(path for path in generated if "/roles/" not in path))


@st.composite
def edits(draw):
    """Draw what somebody does to a file: lines come, go or change, or the whole file does."""
    what = draw(st.sampled_from(["insert", "replace", "delete line", "delete", "empty", "bytes", "crlf"]))
    return what, draw(st.floats(0, 1)), draw(st.text("abc{}$%\"' <>=", max_size=12))


def edited(text, edit, token):
    """Return the text of a file after `edit`; None when it is deleted."""
    what, where, noise = edit
    lines = text.splitlines(keepends=True)
    place = min(int(where * len(lines)), max(len(lines) - 1, 0))
    if what == "insert":
        lines.insert(place, f"{token}{noise}\n")
    elif what == "replace":
        lines[place : place + 1] = [f"{token}{noise}\n"]
    elif what == "delete line":
        del lines[place : place + 1]
    return {"delete": None, "empty": "", "bytes": "\udcff", "crlf": text.replace("\n", "\r\n") + token}.get(
        what, "".join(lines)
    )


def attempt(folder, text):
    """Return what a regeneration wrote, or None and what it reported."""
    try:
        return regenerate(folder, text), ""
    except IntegrityError as error:
        return None, error.message


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data(), edit=edits(), known_to_git=st.booleans())
def test_an_edit_is_there_afterwards_or_is_reported(template, tmp_path_factory, data, edit, known_to_git):
    folder = tmp_path_factory.mktemp("copy")
    subprocess.run(("cp", "-r", f"{template.folder}/.", folder), check=True)
    if not known_to_git:
        subprocess.run(("rm", "-rf", folder / ".git"), check=True)
    path = data.draw(st.sampled_from(template.paths))
    file = folder / "infra" / "demo" / path
    before = file.read_text()
    after = edited(before, edit, "EDITED")
    if after is None:
        file.unlink()
    else:
        file.write_bytes(after.encode(errors="surrogateescape"))
    asked = data.draw(st.sampled_from([SPEC.format(nodes=3, mode="first"), SPEC.format(nodes=2, mode="second")]))
    written, reported = attempt(folder, asked)
    left = file.read_bytes().decode(errors="surrogateescape") if file.exists() else None
    if written is None:
        assert path in reported
        assert left == after or "<<<<<<< edited by hand" in left
        return
    assert (after == before) or path in (*written.kept, *written.merged)
    if after is None or "EDITED" not in after:
        assert left == after or path in written.merged
    else:
        assert "EDITED" in left


def test_an_edit_and_a_change_of_the_spec_are_both_in_the_file(template, tmp_path):
    subprocess.run(("cp", "-r", f"{template.folder}/.", tmp_path), check=True)
    file = tmp_path / "infra" / "demo" / "ansible" / "group_vars" / "all.yml"
    file.write_text(file.read_text() + "mine: 1\n")
    commit(tmp_path)
    written = regenerate(tmp_path, SPEC.format(nodes=2, mode="second"))
    assert written.merged == ("ansible/group_vars/all.yml",)
    text = file.read_text()
    assert "mine: 1\n" in text
    assert "second" in text
    assert "first" not in text
    again = regenerate(tmp_path, SPEC.format(nodes=2, mode="second"))
    assert (again.anything, again.kept) == (False, ("ansible/group_vars/all.yml",))
    assert regenerate(tmp_path, SPEC.format(nodes=2, mode="third")).merged  # nothing was committed in between
    assert "mine: 1" in file.read_text()


def test_a_base_that_was_never_committed_is_rendered_again_on_another_machine(template, tmp_path, monkeypatch):
    subprocess.run(("cp", "-r", f"{template.folder}/.", tmp_path), check=True)
    file = tmp_path / "infra" / "demo" / "ansible" / "group_vars" / "all.yml"
    file.write_text(file.read_text() + "mine: 1\n")
    regenerate(tmp_path, SPEC.format(nodes=2, mode="second"))
    commit(tmp_path)  # the merged text and its spec, not what was rendered
    monkeypatch.setenv("STYX_HOME", str(tmp_path / "other-home"))
    assert regenerate(tmp_path, SPEC.format(nodes=2, mode="third")).merged
    assert "mine: 1" in file.read_text()
    assert "third" in file.read_text()


def test_without_a_base_nothing_is_written_and_the_file_is_named(template, tmp_path):
    subprocess.run(("cp", "-r", f"{template.folder}/.", tmp_path), check=True)
    subprocess.run(("rm", "-rf", tmp_path / ".git"), check=True)
    file = tmp_path / "infra" / "demo" / "ansible" / "group_vars" / "all.yml"
    file.write_text(file.read_text() + "mine: 1\n")
    before = file.read_text(), (tmp_path / "infra" / "demo" / LOCK_FILE).read_text()
    with pytest.raises(IntegrityError, match=r"group_vars/all\.yml"):
        regenerate(tmp_path, SPEC.format(nodes=2, mode="second"))
    assert (file.read_text(), (tmp_path / "infra" / "demo" / LOCK_FILE).read_text()) == before


def test_a_clash_is_marked_and_stops_until_it_is_resolved(template, tmp_path):
    subprocess.run(("cp", "-r", f"{template.folder}/.", tmp_path), check=True)
    file = tmp_path / "infra" / "demo" / "job.json"
    file.write_text(file.read_text().replace("echo first", "echo mine"))
    commit(tmp_path)
    for _ in range(2):
        with pytest.raises(IntegrityError, match=r"job\.json") as refused:
            regenerate(tmp_path, SPEC.format(nodes=2, mode="second"))
        assert "<<<<<<<" in refused.value.hint
    text = file.read_text()
    assert "<<<<<<< edited by hand\n" in text
    assert "echo mine" in text
    assert "echo second" in text
    file.write_text('{"run": "echo both"}\n')
    assert regenerate(tmp_path, SPEC.format(nodes=2, mode="second")).kept == ("job.json",)


def test_an_ejected_folder_is_left_alone(template, tmp_path, monkeypatch, capsys):
    subprocess.run(("cp", "-r", f"{template.folder}/.", tmp_path), check=True)
    monkeypatch.chdir(tmp_path)
    folder = Path("infra") / "demo"
    assert main(["eject", str(folder)]) == 0
    files.write(folder / "job.json", "mine\n")
    Path("demo.yaml").write_text(SPEC.format(nodes=3, mode="second"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert main(["render", "demo.yaml"]) == 0
    assert main(["render", "demo.yaml", "--check"]) == 0
    capsys.readouterr()
    assert main(["plan", "demo.yaml"]) == 8
    assert "was ejected" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
