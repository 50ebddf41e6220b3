"""A full disk: an error that says so, and what was recorded before is still there."""

import os
import subprocess
from pathlib import Path

import pytest

from styx.errors import StyxError
from styx.state import RunLock, Store

pytestmark = pytest.mark.root


@pytest.fixture
def tiny(tmp_path):
    """Return a file system of 512 KiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small tmpfs needs root")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {made.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def fill(folder: Path) -> None:
    with (folder / "ballast").open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"x" * 4096)
        except OSError:
            return


def save_many(store: Store, record) -> None:
    for number in range(100):
        store.save(record(f"after{number}"))


def journal_much(store: Store) -> None:
    with store.run("before", "apply", "ann") as run:
        for _ in range(100):
            with run.step("terraform apply", {"x": "y" * 4096}):
                pass


def test_full_disk_loses_nothing_that_was_acknowledged(tiny, record):
    state = '{"version": 4, "serial": 1, "lineage": "l", "resources": [{"name": "a"}]}'
    with Store.open(tiny / "state") as store:
        saved = store.save(record("before"))
        (tiny / "terraform.tfstate").write_text(state)
        store.keep_state("before", tiny)
        fill(tiny)
        (tiny / "terraform.tfstate").write_text('{"version": 4, "ser')
        fill(tiny)
        with pytest.raises(StyxError):
            save_many(store, record)
        with pytest.raises(StyxError):
            journal_much(store)
        warning = store.keep_state("before", tiny)
        assert "cut short" in warning
    with RunLock("before", verb="destroy", folder=tiny / "state"):
        (tiny / "ballast").unlink()
        with Store.open(tiny / "state") as store:
            assert store.cluster("before") == saved
            assert store.warnings == ()
            assert store.restore_state("before", tiny)
            assert (tiny / "terraform.tfstate").read_text() == state
            store.save(record("again"))
