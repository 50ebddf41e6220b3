"""Docker's settings stay beside ours, and a container is started with exactly what was asked."""

import json

import pytest


@pytest.fixture
def settings(load):
    return load("docker/library/docker_settings.py")


def test_settings_that_are_there_stay(settings, tmp_path):
    path = tmp_path / "docker" / "daemon.json"
    path.parent.mkdir()
    path.write_text('{"log-driver": "journald", "insecure-registries": ["a:1"], "runtimes": {"x": {"path": "y"}}}')
    wanted = settings.merged(settings.NVIDIA, {"insecure-registries": ["b:2"], "log-driver": "local"})
    found = settings.merged(settings.read(path), wanted)
    assert found["insecure-registries"] == ["a:1", "b:2"]
    assert found["log-driver"] == "local"
    assert set(found["runtimes"]) == {"x", "nvidia"}
    assert settings.merged(found, wanted) == found


def test_no_settings_make_no_file(settings, tmp_path):
    path = tmp_path / "daemon.json"
    assert settings.merged(settings.read(path), {}) == {}
    settings.write(str(path), {"a": 1})
    assert json.loads(path.read_text()) == {"a": 1}


@pytest.fixture
def container(load):
    return load("docker/library/run_container.py")


@pytest.mark.parametrize(
    ("image", "server", "name"),
    [("a/b:1", "", "a/b:1"), ("a/b:1", "r:5000", "r:5000/a/b:1"), ("r:5000/a", "r:5000", "r:5000/a")],
)
def test_the_registry_is_before_the_image_once(container, image, server, name):
    assert container.full_name(image, server) == name


def test_options_come_before_the_image(container):
    asked = {"name": "n", "mounts": ["/home/u"], "options": ["--cap-add", "SYS_PTRACE"], "gpus": True}
    words = container.arguments(asked, "image:1")
    assert words[-4:] == ["--entrypoint", "sleep", "image:1", "infinity"]
    assert words.index("SYS_PTRACE") < words.index("image:1")
    assert words[words.index("--gpus") : words.index("--gpus") + 2] == ["--gpus", "all"]
    assert "/home/u:/home/u:rslave" in words
    assert "--gpus" not in container.arguments({**asked, "gpus": False}, "image:1")
