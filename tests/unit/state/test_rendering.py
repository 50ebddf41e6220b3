"""Renderings that made machines are kept whole, or not at all."""

import pytest

from styx.errors import IntegrityError, UsageError

BUNDLE = {"terraform/main.tf": "# ü ${x}\r\n", "README.md": "", "ansible/roles/ray/tasks/main.yml": "---\n"}


def test_kept_rendering_is_read_back(store, folder):
    digest = store.keep_rendering("hello", BUNDLE)
    assert store.keep_rendering("hello", dict(reversed(BUNDLE.items()))) == digest
    assert store.rendering("hello", digest) == BUNDLE
    assert [path.name for path in (folder / "clusters/hello/renderings").iterdir()] == [digest]
    other = store.keep_rendering("hello", BUNDLE | {"README.md": "x"})
    assert other != digest
    assert store.rendering("hello", digest) == BUNDLE


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "", "a\0b"])
def test_path_that_leaves_the_folder_is_refused(store, folder, path):
    with pytest.raises(UsageError):
        store.keep_rendering("hello", {path: "x"})
    assert not (folder / "clusters").exists()


@pytest.mark.parametrize("content", [b"changed", b"\xff"])
def test_changed_rendering_is_refused_then_mended_by_keeping_it_again(store, folder, content):
    digest = store.keep_rendering("hello", BUNDLE)
    (folder / "clusters/hello/renderings" / digest / "README.md").write_bytes(content)
    with pytest.raises(IntegrityError, match="was changed"):
        store.rendering("hello", digest)
    store.keep_rendering("hello", BUNDLE)
    assert store.rendering("hello", digest) == BUNDLE


def test_missing_rendering_is_refused(store):
    with pytest.raises(IntegrityError, match="is missing"):
        store.rendering("hello", "0" * 64)
