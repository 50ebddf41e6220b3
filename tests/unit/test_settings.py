"""Layers of settings: what wins, and what is refused."""

import pytest

from styx import settings
from styx.errors import SpecError, UsageError


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository with a folder inside, and a home of its own."""
    for name in settings.names():
        monkeypatch.delenv(f"STYX_{name.upper()}", raising=False)
    monkeypatch.setenv("STYX_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "config").mkdir(parents=True)
    inner = tmp_path / "repository" / "deep" / "er"
    inner.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    monkeypatch.chdir(inner)
    return tmp_path / "repository"


def user_file(repository):
    return repository.parent / "home" / "config" / "config.yaml"


def test_without_layers_the_defaults_hold(repository):
    found = settings.load()
    assert found == settings.Settings()
    assert {found.origin(name) for name in settings.names()} == {"default"}
    assert (found.out, found.clouds, found.terraform, found.lock_timeout_s) == ("infra", (), "", 0)
    assert (found.parallelism, found.price_max_age_days) == (10, 180)


def test_each_layer_wins_over_the_next(repository, monkeypatch):
    for layer, wanted in (("user", 1), ("repository", 2), ("environment", 3)):
        if layer == "user":
            user_file(repository).write_text("parallelism: 1\nout: from-user\n")
        elif layer == "repository":
            (repository / "styx.yaml").write_text("# first line\nparallelism: 2\n")
        else:
            monkeypatch.setenv("STYX_PARALLELISM", "3")
        assert settings.load().parallelism == wanted
    found = settings.load(parallelism=4)
    assert found.parallelism == 4
    assert found.origin("parallelism") == "--parallelism"
    assert found.origin("out") == f"{user_file(repository)}:2"
    assert settings.load().origin("parallelism") == "$STYX_PARALLELISM"
    monkeypatch.delenv("STYX_PARALLELISM")
    assert settings.load().origin("parallelism") == f"{repository / 'styx.yaml'}:2"


def test_the_repository_s_file_is_not_searched_above_the_repository(repository):
    (repository.parent / "styx.yaml").write_text("parallelism: 7\n")
    assert settings.load().parallelism == 10
    (repository / "deep" / "styx.yaml").write_text("parallelism: 8\n")
    assert settings.load().parallelism == 8
    assert settings.load(repository).parallelism == 10


def test_without_a_repository_only_the_folder_itself_is_read(tmp_path, monkeypatch):
    monkeypatch.setenv("STYX_HOME", str(tmp_path / "home"))
    (tmp_path / "a").mkdir()
    (tmp_path / "styx.yaml").write_text("parallelism: 7\n")
    assert settings.load(tmp_path / "a").parallelism == 10
    assert settings.load(tmp_path).parallelism == 7


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("clouds: [One, two]", "clouds", ("one", "two")),
        ("clouds: one, two,", "clouds", ("one", "two")),
        ("clouds: []", "clouds", ()),
        ("lock_timeout_s: 1.5", "lock_timeout_s", 1.5),
        ("terraform: /opt/tofu", "terraform", "/opt/tofu"),
        ("terraform:", "terraform", ""),
        ("", "out", "infra"),
    ],
)
def test_values(repository, text, name, value):
    (repository / "styx.yaml").write_text(text)
    assert getattr(settings.load(), name) == value


def test_the_environment_gives_text(repository, monkeypatch):
    monkeypatch.setenv("STYX_CLOUDS", "a,b")
    monkeypatch.setenv("STYX_LOCK_TIMEOUT_S", "2.5")
    monkeypatch.setenv("STYX_OUT", "")
    found = settings.load()
    assert (found.clouds, found.lock_timeout_s, found.out) == (("a", "b"), 2.5, "infra")


def test_all_faults_of_all_layers_come_at_once(repository, monkeypatch):
    user_file(repository).write_text("paralelism: 3\nlog_level: debug\n")
    (repository / "styx.yaml").write_text("lock_timeout_s: -1\nclouds: 5\nout: ''\nparallelism: true\n")
    monkeypatch.setenv("STYX_PRICE_MAX_AGE_DAYS", "1.5")
    with pytest.raises(SpecError) as caught:
        settings.load(lock_timeout_s=float("inf"))
    user, own = user_file(repository), repository / "styx.yaml"
    assert [str(fault).split(" (")[0] for fault in caught.value.faults] == [
        f"{user}:1:1: paralelism: unknown setting `paralelism`",
        f"{user}:2:1: log_level: unknown setting `log_level`",
        f"{own}:1:17: lock_timeout_s: must be a number of seconds, 0 or more",
        f"{own}:2:9: clouds: must be a list of names",
        f"{own}:3:6: out: must name a folder",
        f"{own}:4:14: parallelism: must be a whole number above 0".replace("whole number above 0", "number"),
        "$STYX_PRICE_MAX_AGE_DAYS: must be a whole number above 0",
        "--lock-timeout: must be a number",
    ]
    assert "did you mean `parallelism`?" in str(caught.value)


@pytest.mark.parametrize("text", ["- a", "a: &x 1", "out: a\nout: b", "out: a\n---\nout: b"])
def test_a_file_that_is_no_block_of_settings_is_refused(repository, text):
    (repository / "styx.yaml").write_text(text)
    with pytest.raises(SpecError, match=r"styx\.yaml:\d"):
        settings.load()


def test_an_unknown_option_is_a_usage_error(repository):
    with pytest.raises(UsageError, match="no setting 'nothing'"):
        settings.load(nothing=1)


def test_every_setting_has_a_meaning():
    assert all(settings.meaning(name) for name in settings.names())


def test_paths_of_the_repository_s_file_start_at_its_folder(repository):
    (repository / "styx.yaml").write_text("out: deployed\nspecs: {specs: infra, team: other/place}\n")
    found = settings.load()
    assert found.top == repository
    assert found.specs == (("specs", "infra"), ("team", "other/place"))
    assert found.rendered_root(repository / "team" / "a.yaml") == repository / "other" / "place"
    assert found.rendered_root(repository / "else" / "a.yaml") == repository / "deployed"
    assert str(settings.load(out="mine").rendered_root(repository / "else" / "a.yaml")) == "mine"
    (repository / "styx.yaml").write_text("specs: [specs, more]\n")
    assert settings.load().specs == (("specs", ""), ("more", ""))
    (repository / "styx.yaml").write_text("specs: 7\n")
    with pytest.raises(SpecError, match="must be a list of folders"):
        settings.load()
