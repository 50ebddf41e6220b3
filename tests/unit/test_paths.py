"""Where things are, in a checkout and with STYX_HOME."""

from pathlib import Path

import pytest

from styx import paths

USER = (paths.config, paths.state, paths.cache)


def test_shipped_folders_are_there():
    assert paths.playbooks().is_dir()
    assert paths.catalog().is_dir()
    assert (paths.templates() / "README.md").is_file()


def test_packed_folder_wins_over_the_checkout(tmp_path, monkeypatch):
    package = tmp_path / "site/styx"
    (package / "_share/templates").mkdir(parents=True)
    (tmp_path / "site/catalog").mkdir()
    monkeypatch.setattr(paths, "_PACKAGE", package)
    assert paths.templates() == package / "_share/templates"
    assert paths.catalog() == tmp_path / "site/catalog"


def test_home_moves_all_of_the_users_folders(monkeypatch, tmp_path):
    monkeypatch.setenv("STYX_HOME", str(tmp_path))
    assert [where() for where in USER] == [tmp_path / "config", tmp_path / "state", tmp_path / "cache"]


@pytest.mark.parametrize(
    ("home", "expected"),
    [("~/x", Path.home() / "x/state"), ("relative", Path.cwd() / "relative/state")],
)
def test_home_may_be_relative_or_of_the_user(monkeypatch, home, expected):
    monkeypatch.setenv("STYX_HOME", home)
    assert paths.state() == expected


@pytest.mark.parametrize("home", [None, ""])
def test_without_home_the_system_says_where(monkeypatch, tmp_path, home):
    for kind in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    monkeypatch.delenv("STYX_HOME") if home is None else monkeypatch.setenv("STYX_HOME", home)
    assert [where() for where in USER] == [tmp_path / kind / "styx" for kind in ("CONFIG", "STATE", "CACHE")]


def test_asking_makes_no_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("STYX_HOME", str(tmp_path / "home"))
    for where in USER:
        where()
    assert not (tmp_path / "home").exists()
