"""The registry: what is saved is there again, whatever happens to the database."""

import os
import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from styx.errors import IntegrityError, StyxError, UsageError
from styx.state import Store


def test_saved_record_is_read_back_with_its_times(store, record):
    saved = store.save(record())
    assert saved.created_at
    assert store.cluster("hello") == saved
    assert store.clusters() == [saved]
    later = store.save(replace(saved, status="destroying"))
    assert later.created_at == saved.created_at
    assert later.updated_at >= saved.updated_at
    assert store.cluster("nobody") is None


def test_creation_time_is_kept_for_a_record_made_anew(store, record):
    first = store.save(record())
    assert store.save(record(status="degraded")).created_at == first.created_at


def test_everything_is_private_under_umask_000(folder, record):
    before = os.umask(0)
    try:
        with Store.open(folder) as store:
            store.save(record())
            store.keep_rendering("hello", {"terraform/main.tf": "# x\n"})
            modes = {path: (path.is_dir(), path.stat().st_mode & 0o777) for path in [folder, *folder.rglob("*")]}
    finally:
        os.umask(before)
    assert {path.name for path in modes} > {"styx.db", "styx.db-wal", "styx.db-shm", "cluster.json", "main.tf"}
    assert [path for path, (is_folder, mode) in modes.items() if mode != (0o700 if is_folder else 0o600)] == []


def test_live_name_in_another_folder_is_refused_naming_both(store, record):
    store.save(record())
    with pytest.raises(UsageError) as caught:
        store.save(record(folder=Path("/elsewhere/infra")))
    assert "/somewhere/infra/hello" in str(caught.value)
    assert "/elsewhere/infra" in str(caught.value)
    assert store.cluster("hello").folder == Path("/somewhere/infra/hello")


@pytest.mark.parametrize("status", ["planned", "destroyed"])
def test_name_of_which_nothing_stands_may_move(store, record, status):
    store.save(record(status=status))
    store.save(record(folder=Path("/elsewhere/infra")))
    assert store.cluster("hello").folder == Path("/elsewhere/infra")


def test_same_folder_through_a_link_is_the_same(store, record, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    store.save(record(folder=tmp_path / "real"))
    assert store.save(record(folder=tmp_path / "link")).folder == tmp_path / "link"


def test_live_cluster_is_never_only_planned(store, record):
    store.save(record(status="degraded"))
    with pytest.raises(UsageError, match="degraded"):
        store.save(record(status="planned"))
    assert store.cluster("hello").status == "degraded"


def test_hostile_name_writes_nothing(store, record, folder):
    with pytest.raises(UsageError):
        store.save(record(name="../../x"))
    assert not (folder / "clusters").exists()
    assert store.clusters() == []


def test_forget_leaves_only_the_journal(store, record, folder):
    store.save(record())
    with store.run("hello", "destroy", "ann"):
        pass
    store.forget("hello")
    store.forget("hello")
    assert store.cluster("hello") is None
    assert not (folder / "clusters" / "hello").exists()
    assert [run.verb for run in store.runs("hello")] == ["destroy"]


def test_lost_database_is_rebuilt_from_the_folders(folder, record):
    with Store.open(folder) as store:
        saved = [store.save(record(name, slot=slot)) for name, slot in (("a", 3), ("b", None))]
        store.save(record("gone"))
        store.forget("gone")
    for path in folder.glob("styx.db*"):
        path.unlink()
    with Store.open(folder) as store:
        assert store.clusters() == saved
        assert "2 clusters" in store.warnings[0]
        assert store.allocate_slot("a") == 3
    with Store.open(folder) as store:
        assert store.warnings == ()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b'{"version": 9}', b'{"version": 1, "name": "hello"}', b"[" * 100_000],
    ids=["empty", "cut", "binary", "version", "partial", "deep"],
)
def test_unusable_file_is_named_and_skipped(folder, record, content):
    with Store.open(folder) as store:
        good = store.save(record("good"))
        store.save(record("hello"))
    (folder / "clusters/hello/cluster.json").write_bytes(content)
    (folder / "styx.db").unlink()
    with Store.open(folder) as store:
        assert store.clusters() == [good]
        assert any("clusters/hello/cluster.json" in warning for warning in store.warnings)


def test_file_of_another_cluster_is_skipped(folder, record):
    with Store.open(folder) as store:
        store.save(record("a"))
    shutil.copytree(folder / "clusters/a", folder / "clusters/b")
    (folder / "styx.db").unlink()
    with Store.open(folder) as store:
        assert [found.name for found in store.clusters()] == ["a"]
        assert "named 'a'" in store.warnings[1]


def _garbage(path):
    path.write_bytes(b"this is not a database" * 1000)


def _flip_header(path):
    path.write_bytes(b"\0\1\2" + path.read_bytes()[3:])


def _cut(path):
    path.write_bytes(path.read_bytes()[:5000])


def _flip_pages(path):
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))


@pytest.mark.parametrize("damage", [_garbage, _flip_header, _cut, _flip_pages])
def test_corrupt_database_is_set_aside_and_rebuilt(folder, record, damage):
    with Store.open(folder) as store:
        saved = [store.save(record(f"c{number:03}")) for number in range(30)]
    for turn in (1, 2):
        damage(folder / "styx.db")
        with Store.open(folder) as store:
            assert store.clusters() == saved
            assert any(f"styx.db.corrupt-{turn}" in warning for warning in store.warnings)
        assert (folder / f"styx.db.corrupt-{turn}").exists()


def test_newer_database_is_refused_untouched(folder, record):
    with Store.open(folder) as store:
        store.save(record())
    with sqlite3.connect(folder / "styx.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IntegrityError, match="newer") as caught:
        Store.open(folder)
    assert "upgrade" in caught.value.hint
    assert not list(folder.glob("*corrupt*"))


def test_database_writes_are_flushed_through_the_log(folder):
    with Store.open(folder) as store:
        pragmas = [store._database._connection.execute(f"PRAGMA {name}").fetchone()[0]
                   for name in ("journal_mode", "synchronous", "busy_timeout")]  # fmt: skip
    assert pragmas == ["wal", 2, 10_000]


def test_another_process_that_holds_the_writer_is_an_error_not_a_crash(folder, record, monkeypatch):
    monkeypatch.setattr("styx.state.database.BUSY_S", 0.1)
    with Store.open(folder) as store:
        other = sqlite3.connect(folder / "styx.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StyxError, match="locked"):
            store.save(record())
        assert store.clusters() == []
        assert not (folder / "clusters").exists()
        other.execute("ROLLBACK")
        other.close()
        store.save(record())


def test_state_folder_that_is_a_file_is_an_error(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(StyxError, match="state"):
        Store.open(tmp_path / "state")


_OPEN_AND_SAVE = """
import sys
from pathlib import Path
from styx.state import ClusterRecord, Store
state, name = Path(sys.argv[1]), sys.argv[2]
sys.stdin.readline()
with Store.open(state) as store:
    store.save(ClusterRecord(name, Path("/infra") / name, "local", "here", "up", 1, "s.yaml", "d"))
"""


def test_twenty_processes_make_one_store(folder, python):
    folder.mkdir()
    processes = [python(_OPEN_AND_SAVE, folder, f"c{number}") for number in range(20)]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in processes] == [""] * 20
    with Store.open(folder) as store:
        assert len(store.clusters()) == 20
        assert store.warnings == ()


_SAVE_FOR_EVER = """
import itertools, sys
from pathlib import Path
from styx.state import ClusterRecord, Store
with Store.open(Path(sys.argv[1])) as store:
    for number in itertools.count():
        name = f"{sys.argv[2]}-{number}"
        store.save(ClusterRecord(name, Path("/infra") / name, "local", "here", "up", 1, "s.yaml", "d"))
        print(name, flush=True)
"""


def test_killed_writer_loses_nothing_that_it_acknowledged(folder, python):
    acknowledged = set()
    for turn in range(4):
        child = python(_SAVE_FOR_EVER, folder, f"t{turn}")
        for _ in range(5 + turn):
            acknowledged.add(child.stdout.readline().strip())
        child.kill()
        acknowledged |= set(child.communicate()[0].split("\n")[:-1])
    with Store.open(folder) as store:
        assert acknowledged <= {found.name for found in store.clusters()}
        assert store.warnings == ()
    (folder / "styx.db").unlink()
    with Store.open(folder) as store:
        assert acknowledged <= {found.name for found in store.clusters()}


def test_thousand_clusters_are_listed_quickly(folder, record):
    with Store.open(folder) as store:
        store.save(record())
    template = (folder / "clusters/hello/cluster.json").read_text()
    for number in range(999):
        home = folder / "clusters" / f"c{number}"
        home.mkdir()
        (home / "cluster.json").write_text(template.replace('"name": "hello"', f'"name": "c{number}"'))
    (folder / "styx.db").unlink()
    Store.open(folder).close()
    start = time.perf_counter()
    with Store.open(folder) as store:
        found = store.clusters()
    assert len(found) == 1000
    assert time.perf_counter() - start < 0.5
