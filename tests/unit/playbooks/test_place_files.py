"""Files reach a machine's home as git would track them, and no link leads out of their folder."""

import os
import subprocess
import tarfile

import pytest
from ansible.errors import AnsibleActionFail


@pytest.fixture(scope="module")
def action(load):
    return load("workspace/action_plugins/place_files.py")


@pytest.fixture(scope="module")
def module(load):
    return load("workspace/library/place_files.py")


@pytest.fixture
def workdir(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def write(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def placed(action, folder):
    entries = action.entries([("workdir", str(folder))])
    return sorted(entry.name[len("workdir/") :] for entry, _ in entries if not entry.isdir())


IGNORES = {
    "a name": "x.o\n",
    "a star": "*.o\n",
    "not after all": "*.o\n!keep.o\n",
    "a folder": "build/\n",
    "from the top": "/x.o\n/sub/x.o\n",
    "two stars first": "**/deep/x.o\n",
    "two stars last": "sub/**\n!sub/keep.o\n",
    "two stars between": "sub/**/x.o\n",
    "a question mark": "?.o\n",
    "a set": "[xy].o\n",
    "not in a set": "[!xy].o\n",
    "comments and blanks": "# x.o\n\n   \n*.log   \n",
    "an escape": "\\#x\n\\!x\n",
    "all but one": "*\n!keep.o\n!.gitignore\n",
    "a folder and a file in it": "sub\n!sub/keep.o\n",
    "a middle slash": "sub/x.o\n",
    "only folders": "deep/\n",
    "a range upside down": "[z-a].o\n*.log\n",
    "all but a range upside down": "[!z-a].o\n",
    "a set that an escape leaves without end": "[x\\].o\n*.log\n",
    "a set without end": "[xy.o\n",
    "not UTF-8": b"caf\xe9\n*.log\n",
    "made on Windows": b"\xef\xbb\xbfx.o\r\n*.log\r\n",
    "a separator that ends no line": "no\x85x.o\ny.o\n",
}


@pytest.mark.parametrize("text", IGNORES.values(), ids=IGNORES.keys())
def test_ignore_files_mean_what_git_means(action, workdir, text):
    names = ("x.o", "y.o", "z.o", "keep.o", "a.log", "#x", "!x", "build/x.o", "sub/x.o", "sub/keep.o", "sub/deep/x.o")
    write(workdir, *names, "sub/build", "other/deep")
    (workdir / ".gitignore").write_bytes(text if isinstance(text, bytes) else text.encode())
    (workdir / os.fsdecode(b"caf\xe9")).write_text("coffee")
    git = ("git", "-c", "core.excludesFile=/dev/null")
    subprocess.run([*git, "init", "-q"], cwd=workdir, check=True)
    asked = [*git, "ls-files", "--others", "--exclude-standard", "-z"]
    told = os.fsdecode(subprocess.run(asked, cwd=workdir, check=True, capture_output=True).stdout)
    assert placed(action, workdir) == sorted(filter(None, told.split("\0")))


def test_an_inner_ignore_file_speaks_for_its_folder(action, workdir):
    write(workdir, "x.o", "sub/x.o", "sub/y.o", "sub/deep/x.o")
    (workdir / ".gitignore").write_text("*.o\n")
    (workdir / "sub" / ".gitignore").write_text("!x.o\n")
    assert placed(action, workdir) == [".gitignore", "sub/.gitignore", "sub/deep/x.o", "sub/x.o"]


def test_a_skyignore_replaces_the_gitignore(action, workdir):
    write(workdir, "a", "b")
    (workdir / ".gitignore").write_text("a\n")
    (workdir / ".skyignore").write_text("b\n")
    assert placed(action, workdir) == [".gitignore", ".skyignore", "a"]


def test_the_folder_git_stays_at_home(action, workdir):
    write(workdir, "a", ".git/config")
    assert placed(action, workdir) == ["a"]


@pytest.mark.parametrize("where", ["/etc/passwd", "../outside", "sub/../../outside"])
def test_a_link_that_leaves_the_folder_is_refused(action, workdir, where):
    write(workdir, "a")
    (workdir / "link").symlink_to(where)
    with pytest.raises(AnsibleActionFail, match="leaves the folder"):
        placed(action, workdir)


def test_a_link_to_a_folder_outside_is_refused_and_one_inside_is_kept(action, workdir, tmp_path):
    write(workdir, "sub/a")
    (workdir / "inside").symlink_to("sub")
    assert placed(action, workdir) == ["inside", "sub/a"]
    (workdir / "sub" / "up").symlink_to("../sub/a")
    assert "sub/up" in placed(action, workdir)
    (workdir / "outside").symlink_to(tmp_path)
    with pytest.raises(AnsibleActionFail, match="leaves the folder"):
        placed(action, workdir)


def test_a_file_swapped_for_a_link_after_the_check_is_not_followed(action, workdir, tmp_path):
    write(workdir, "a", "b")
    (tmp_path / "secret").write_text("secret")
    entries = action.entries([("workdir", str(workdir))])
    next(entries)  # the folder
    next(entries)  # a: the names are listed by now
    (workdir / "b").unlink()
    (workdir / "b").symlink_to(tmp_path / "secret")
    with pytest.raises(AnsibleActionFail, match="leaves the folder"):
        list(entries)


def test_a_source_that_is_not_there_is_named(action):
    with pytest.raises(AnsibleActionFail, match="/no/such"):
        action.digest_of([("workdir", "/no/such")])


@pytest.mark.parametrize(
    ("target", "path"),
    [("~/a/b", "a/b"), ("a", "workdir/a"), ("./a", "workdir/a"), ("/home/u/x", "x"), ("../a", "a")],
)
def test_where_a_target_is(action, target, path):
    assert action.target_in("/home/u", target) == path


@pytest.mark.parametrize("target", ["/data", "~/../x", "../../x", "~/", "/home/u"])
def test_a_target_outside_the_home_is_refused(action, target):
    with pytest.raises(AnsibleActionFail, match="outside of the machine's home"):
        action.target_in("/home/u", target)


def test_the_digest_knows_content_and_mode_but_no_time(action, workdir):
    write(workdir, "a", "b")
    sources = [("workdir", str(workdir))]
    first = action.digest_of(sources)
    os.utime(workdir / "a", (1, 1))
    assert action.digest_of(sources) == first
    (workdir / "a").chmod(0o755)
    second = action.digest_of(sources)
    assert second != first
    (workdir / "b").write_text("c")
    assert action.digest_of(sources) not in (first, second)


def test_a_file_takes_the_place_of_a_folder_and_the_reverse(action, module, workdir, tmp_path):
    home = tmp_path / "home"
    (home / "workdir").mkdir(parents=True)
    write(home, "workdir/was-folder/deep/file", "workdir/was-file", "mount", "elsewhere/kept")
    (home / "workdir" / "was-link").symlink_to(home / "elsewhere")
    write(workdir, "was-folder", "was-file/inner", "was-link/inner")
    with (tmp_path / "files.tar").open("wb") as package:
        action.pack([("workdir", str(workdir)), ("mount/one", str(workdir / "was-folder"))], package)
    module.unpack(str(tmp_path / "files.tar"), str(home))
    assert (home / "workdir" / "was-folder").read_text() == "was-folder"
    assert (home / "workdir" / "was-file" / "inner").read_text() == "was-file/inner"
    assert not (home / "workdir" / "was-link").is_symlink()
    assert [path.name for path in (home / "elsewhere").iterdir()] == ["kept"]
    assert (home / "mount" / "one").read_text() == "was-folder"


def test_packed_and_unpacked_files_are_the_same(action, module, workdir, tmp_path):
    write(workdir, "a", "sub/b")
    (workdir / "run.sh").write_bytes(b"\xff\n")
    (workdir / "run.sh").chmod(0o755)
    (workdir / "link").symlink_to("sub/b")
    one = tmp_path / "one.txt"
    one.write_text("one")
    sources = [("workdir", str(workdir)), ("data/one.txt", str(one))]
    home = tmp_path / "home"
    (home / "workdir").mkdir(parents=True)
    (home / "workdir" / "result").write_text("a job's")
    for _ in range(2):
        with (tmp_path / "files.tar").open("wb") as package:
            assert action.pack(sources, package) == action.digest_of(sources)
        module.unpack(str(tmp_path / "files.tar"), str(home))
    assert (home / "workdir" / "sub" / "b").read_text() == "sub/b"
    assert (home / "workdir" / "run.sh").read_bytes() == b"\xff\n"
    assert (home / "workdir" / "run.sh").stat().st_mode & 0o777 == 0o700
    assert (home / "workdir" / "a").stat().st_mode & 0o777 == 0o600
    assert (home / "workdir" / "link").readlink().as_posix() == "sub/b"
    assert (home / "data" / "one.txt").read_text() == "one"
    assert (home / "workdir" / "result").read_text() == "a job's"
    with tarfile.open(tmp_path / "files.tar") as archive:
        assert {entry.uname for entry in archive} == {""}
