"""Folders of 0700 and files of 0600, changed only when they differ."""

import os

import pytest


@pytest.fixture
def module(load):
    old = os.umask(0)
    yield load("workspace/library/private_files.py")
    os.umask(old)


def test_missing_parents_are_made_private(module, tmp_path):
    path = tmp_path / "a" / "b" / "c"
    assert module.make_folder(str(path), check=True)
    assert not path.exists()
    assert module.make_folder(str(path), check=False)
    assert {folder.stat().st_mode & 0o777 for folder in (path, path.parent, path.parent.parent)} == {0o700}
    assert not module.make_folder(str(path), check=False)
    path.chmod(0o755)
    assert module.make_folder(str(path), check=False)
    assert path.stat().st_mode & 0o777 == 0o700


def test_a_file_is_replaced_when_it_differs(module, tmp_path):
    path = tmp_path / "f"
    assert module.write_file(str(path), "é\n", check=True)
    assert not path.exists()
    assert module.write_file(str(path), "é\n", check=False)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("é\n", 0o600)
    assert not module.write_file(str(path), "é\n", check=False)
    path.chmod(0o644)
    assert module.write_file(str(path), "é\n", check=False)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_in_the_way_is_replaced_and_not_followed(module, tmp_path):
    target = tmp_path / "target"
    target.write_text("kept")
    (tmp_path / "f").symlink_to(target)
    assert module.write_file(str(tmp_path / "f"), "new", check=False)
    assert target.read_text() == "kept"
    assert not (tmp_path / "f").is_symlink()
