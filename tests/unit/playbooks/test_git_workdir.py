"""A repository comes to a machine at one commit, follows its branch, and leaves alone what a job wrote."""

import os
import subprocess

import pytest

WHO = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


@pytest.fixture(scope="module")
def module(load):
    return load("workspace/library/git_workdir.py")


@pytest.fixture
def origin(tmp_path):
    """A repository with two commits: v1, and main behind it."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "a", "1")
    git(folder, "tag", "v1")
    commit(folder, "a", "2")
    return folder


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home" / "workdir").mkdir(parents=True)
    (tmp_path / "home" / ".styx").mkdir()
    return tmp_path / "home"


def git(folder, *words):
    done = subprocess.run(["git", "-C", folder, *words], env={**os.environ, **WHO}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder, name, text):
    (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", text)
    return git(folder, "rev-parse", "HEAD")


def bring(module, origin, home, ref="", check=False):
    given = {"url": f"file://{origin}", "ref": ref, "home": str(home)}
    with module.credentials(str(home), "", "") as environment:
        return module.bring(given, environment, check)


@pytest.mark.parametrize(("ref", "text"), [("", "2"), ("main", "2"), ("v1", "1")])
def test_a_ref_comes_and_a_second_time_nothing_changes(module, origin, home, ref, text):
    changed, at = bring(module, origin, home, ref)
    assert changed
    assert at == git(origin, "rev-parse", f"{ref or 'main'}^{{commit}}")
    assert (home / "workdir" / "a").read_text() == text
    assert bring(module, origin, home, ref) == (False, at)


@pytest.mark.parametrize("length", [40, 9])
def test_a_commit_comes_also_from_a_server_that_gives_none_by_name(module, origin, home, length):
    first = git(origin, "rev-parse", "v1")
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "false")
    bring(module, origin, home)  # an earlier one, shallow
    assert bring(module, origin, home, first[:length]) == (True, first)
    assert (home / "workdir" / "a").read_text() == "1"
    assert bring(module, origin, home, first[:length]) == (False, first)


def test_a_commit_that_is_here_needs_no_server(module, origin, home):
    first = git(origin, "rev-parse", "v1")
    bring(module, origin, home, first)
    origin.rename(origin.with_name("gone"))
    assert bring(module, origin, home, first) == (False, first)


def test_a_branch_that_moved_brings_its_files_and_leaves_those_of_jobs(module, origin, home):
    work = home / "workdir"
    bring(module, origin, home, "main")
    (work / "result").write_text("mine")
    (work / "b").write_text("mine")
    (work / "a").write_text("mine")
    assert not bring(module, origin, home, "main")[0]
    assert (work / "a").read_text() == "mine"
    moved = commit(origin, "b", "3")
    assert bring(module, origin, home, "main") == (True, moved)
    assert [(work / name).read_text() for name in ("a", "b", "result")] == ["2", "3", "mine"]


def test_a_branch_that_was_written_anew_is_followed(module, origin, home):
    bring(module, origin, home, "main")
    git(origin, "reset", "--hard", "--quiet", "v1")
    other = commit(origin, "c", "4")
    assert bring(module, origin, home, "main") == (True, other)
    assert (home / "workdir" / "a").read_text() == "1"


def test_what_a_kill_left_half_done_is_done(module, origin, home):
    bring(module, origin, home, "main")
    (home / "workdir" / ".git" / "index.lock").touch()
    (home / "workdir" / "a").unlink()
    bring(module, origin, home, "main")
    assert (home / "workdir" / "a").read_text() == "2"


def test_a_look_changes_nothing(module, origin, home):
    assert bring(module, origin, home, "main", check=True)[0]
    assert not list((home / "workdir").iterdir())


def test_another_repository_takes_the_place_of_the_first(module, origin, home, tmp_path):
    bring(module, origin, home, "main")
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet", "--initial-branch=main")
    commit(other, "d", "5")
    assert bring(module, other, home, "main")[0]
    assert not (home / "workdir" / "a").exists()
    assert git(home / "workdir", "remote", "get-url", "origin") == f"file://{other}"


@pytest.mark.parametrize("ref", ["nowhere", "--upload-pack=touch canary"])
def test_a_ref_that_is_not_there_is_told_by_git_itself(module, origin, home, ref):
    with pytest.raises(module.GitError, match=r"couldn't find remote ref|invalid refspec"):
        bring(module, origin, home, ref)


def test_a_token_is_git_s_alone_and_gone_afterwards(module, home):
    with module.credentials(str(home), "canary-token", "canary-key") as environment:
        asked = [environment["GIT_ASKPASS"], "Password for 'https://x': "]
        assert subprocess.run(asked, env=environment, capture_output=True, text=True).stdout == "canary-token\n"
        (key,) = home.glob(".styx/styx-git-*/key")
        assert key.read_text() == "canary-key\n"
        assert key.stat().st_mode & 0o077 == 0
        assert not [path for path in home.rglob("askpass") if "canary" in path.read_text()]
    assert not list((home / ".styx").iterdir())


@pytest.mark.parametrize("url", ["http://host/x", "git://host/x"])
def test_a_token_needs_tls(module, url):
    assert "TLS" in module.unfit({"url": url, "token": "x"})
    assert not module.unfit({"url": url, "token": ""})
