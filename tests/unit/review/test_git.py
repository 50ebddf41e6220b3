import subprocess

import pytest

from styx.errors import UsageError
from styx.review import git


def run(folder, *words):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(("git", *identity, *words), cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    return folder


def commit(folder, name, text):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    run(folder, "add", "-A")
    run(folder, "commit", "-qm", "x")


def test_a_folder_outside_has_no_repository(tmp_path):
    assert git.find(tmp_path / "not" / "there") is None


def test_earlier_texts_come_from_every_branch(repository):
    commit(repository, "a b/ü.txt", "one\n")
    commit(repository, "a b/ü.txt", "two\n")
    run(repository, "checkout", "-qb", "other")
    commit(repository, "a b/ü.txt", "three\n")
    run(repository, "checkout", "-q", "main")
    found = git.find(repository / "a b")
    assert found.top.resolve() == repository.resolve()
    assert set(found.earlier(repository / "a b" / "ü.txt")) == {"one\n", "two\n", "three\n"}
    assert not list(found.earlier(repository / "absent"))


def test_a_revision_is_read_at_once(repository):
    commit(repository, "a.txt", "one\n")
    commit(repository, "sub/b.txt", "no end")
    (repository / "link").symlink_to("a.txt")
    commit(repository, "empty", "")
    found = git.find(repository)
    blobs = found.blobs(found.revision("HEAD"))
    texts = found.texts(blobs.values())
    assert {path: texts[blob] for path, blob in blobs.items()} == {"a.txt": "one\n", "sub/b.txt": "no end", "empty": ""}


def test_a_revision_that_is_none_is_refused(repository):
    commit(repository, "a.txt", "one\n")
    found = git.find(repository)
    for name in ("nowhere", "--all", "HEAD:a.txt"):
        with pytest.raises(UsageError, match="knows no revision"):
            found.revision(name)


def test_the_merge_base_is_where_a_branch_left(repository):
    commit(repository, "a.txt", "one\n")
    found = git.find(repository)
    start = found.revision("main")
    run(repository, "checkout", "-qb", "other")
    commit(repository, "b.txt", "x\n")
    run(repository, "checkout", "-q", "main")
    commit(repository, "c.txt", "x\n")
    assert found.merge_base("other") == start
    run(repository, "checkout", "-q", "--orphan", "alone")
    commit(repository, "d.txt", "x\n")
    with pytest.raises(UsageError, match="share no commit"):
        found.merge_base("main")


def test_both_sides_of_a_merge_are_in_it():
    both = git.merge("a\nb\nc\nd\nmine\n", "a\nb\nc\nd\ne\n", "new\nb\nc\nd\ne\n")
    assert both == git.Merged("new\nb\nc\nd\nmine\n", conflicts=False)


def test_what_clashes_is_marked_as_git_does():
    both = git.merge("mine\n", "a\n", "new\n")
    assert both.conflicts
    assert both.text == "<<<<<<< edited by hand\nmine\n=======\nnew\n>>>>>>> rendered now\n"
    assert git.has_conflicts(both.text)
    assert not git.has_conflicts("a <<<<<<< b\n=======\n")


def test_what_is_no_text_is_not_merged():
    assert git.merge("a\0b", "a\0", "c\0") is None
