"""The copy of the Terraform state survives what happens to the original."""

import json

import pytest

from styx.errors import IntegrityError


def state(serial, *resources, lineage="l-1"):
    return json.dumps(
        {"version": 4, "serial": serial, "lineage": lineage, "resources": [{"name": r} for r in resources]}
    )


@pytest.fixture
def source(tmp_path):
    (tmp_path / "terraform").mkdir()
    return tmp_path / "terraform"


@pytest.fixture
def home(folder):
    return folder / "clusters/hello"


def test_copy_and_the_one_before(store, source, home):
    assert store.keep_state("hello", source) is None
    assert not home.exists()
    for serial in (1, 2, 2):
        (source / "terraform.tfstate").write_text(state(serial, "a"))
        assert store.keep_state("hello", source) is None
    assert (home / "terraform.tfstate").read_text() == state(2, "a")
    assert (home / "terraform.tfstate.backup").read_text() == state(1, "a")
    assert {path.stat().st_mode & 0o777 for path in home.iterdir()} == {0o600}


@pytest.mark.parametrize("bad", [b"", b'{"version": 4, "ser', b"[]", b"{}", b"\xff\xff", None])
def test_bad_state_never_replaces_a_good_copy(store, source, home, bad):
    path = source / "terraform.tfstate"
    path.write_text(state(1, "a"))
    store.keep_state("hello", source)
    path.unlink() if bad is None else path.write_bytes(bad)
    warning = store.keep_state("hello", source)
    assert str(path) in warning
    assert ("is missing" if bad is None else "cut short") in warning
    assert (home / "terraform.tfstate").read_text() == state(1, "a")
    assert store.restore_state("hello", source)
    assert path.read_text() == state(1, "a")
    assert (source / "terraform.tfstate.replaced").exists() == (bad is not None)


def test_bad_state_without_a_copy_is_a_warning(store, source, home):
    (source / "terraform.tfstate").write_text("{")
    assert "no earlier copy" in store.keep_state("hello", source)
    assert not home.exists()


def test_unrelated_state_does_not_hide_what_the_old_one_lists(store, source, home):
    path = source / "terraform.tfstate"
    path.write_text(state(9, "a"))
    store.keep_state("hello", source)
    path.write_text(state(1, lineage="l-2"))
    warning = store.keep_state("hello", source)
    path.write_text(state(2, lineage="l-2"))
    assert store.keep_state("hello", source) is None
    (apart,) = [found for found in home.iterdir() if found.read_text() == state(9, "a")]
    assert str(apart) in warning


def test_restore_goes_into_a_new_folder_and_never_over_a_good_state(store, source, tmp_path):
    assert not store.restore_state("hello", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    (source / "terraform.tfstate").write_text(state(1, "a"))
    store.keep_state("hello", source)
    assert store.restore_state("hello", tmp_path / "new")
    assert (tmp_path / "new/terraform.tfstate").read_text() == state(1, "a")
    assert (tmp_path / "new/terraform.tfstate").stat().st_mode & 0o777 == 0o600
    (source / "terraform.tfstate").write_text(state(2, "a", "b"))
    assert not store.restore_state("hello", source)
    assert (source / "terraform.tfstate").read_text() == state(2, "a", "b")


def test_corrupt_copy_is_not_restored(store, source, home, tmp_path):
    (source / "terraform.tfstate").write_text(state(1, "a"))
    store.keep_state("hello", source)
    (home / "terraform.tfstate").write_text("{")
    with pytest.raises(IntegrityError, match="corrupt"):
        store.restore_state("hello", tmp_path / "new")


def put(source, text):
    source.mkdir(parents=True, exist_ok=True)
    (source / "terraform.tfstate").write_text(text)


def of(serial, lineage, *, resources):
    return json.dumps({"version": 4, "serial": serial, "lineage": lineage, "resources": [{}] * resources})


@pytest.mark.parametrize(
    ("there", "restored"),
    [
        (of(3, "a", resources=0), True),  # older: a checkout of an early commit
        (of(1, "b", resources=0), True),  # begun anew: it knows nothing of what stands
        (of(5, "a", resources=0), False),  # newer: somebody destroyed all of it by hand
        (of(1, "b", resources=1), False),  # another one that lists resources is never replaced
        (of(4, "a", resources=2), False),
    ],
)
def test_a_state_that_is_behind_the_copy_is_replaced(store, tmp_path, there, restored):
    put(tmp_path / "made", of(4, "a", resources=2))
    store.keep_state("hello", tmp_path / "made")
    put(tmp_path / "now", there)
    assert store.restore_state("hello", tmp_path / "now") is restored
    expected = of(4, "a", resources=2) if restored else there
    assert (tmp_path / "now" / "terraform.tfstate").read_text() == expected
    assert (tmp_path / "now" / "terraform.tfstate.replaced").exists() is restored


def test_only_a_newer_state_of_the_same_lineage_counts_as_emptied(store, tmp_path):
    put(tmp_path / "made", of(4, "a", resources=2))
    store.keep_state("hello", tmp_path / "made")
    for text, emptied in (
        (of(5, "a", resources=0), True),
        (of(3, "a", resources=0), False),
        (of(9, "b", resources=0), False),
        (of(5, "a", resources=1), False),
    ):
        put(tmp_path / "now", text)
        assert store.state_is_emptied("hello", tmp_path / "now") is emptied
    assert not store.state_is_emptied("hello", tmp_path / "nowhere")


def test_a_copy_of_another_lineage_is_told_until_it_lists_nothing(store, tmp_path):
    put(tmp_path / "made", of(4, "a", resources=2))
    store.keep_state("hello", tmp_path / "made")
    assert store.states_apart("hello") == ()
    put(tmp_path / "made", of(1, "b", resources=1))
    store.keep_state("hello", tmp_path / "made")
    (apart,) = store.states_apart("hello")
    assert apart.read_text() == of(4, "a", resources=2)


@pytest.mark.parametrize(
    ("text", "lists"), [(of(1, "a", resources=1), True), (of(1, "a", resources=0), False), ("{", False)]
)
def test_whether_a_state_lists_something(store, tmp_path, text, lists):
    put(tmp_path / "made", text)
    assert store.state_lists_resources(tmp_path / "made") is lists
    assert not store.state_lists_resources(tmp_path / "nowhere")


S3 = 'terraform {\n  backend "s3" {\n    bucket = "a"\n  }\n}\n'
LOCAL = 'terraform {\n  backend "local" {\n  }\n}\n'


@pytest.mark.parametrize(
    ("files_of", "remote"),
    [
        ({}, False),
        ({"terraform/main.tf": 'resource "terraform_data" "backend" {}'}, False),
        ({"terraform/backend.tf": LOCAL}, False),
        ({"terraform/backend.tf": S3}, True),
        ({"terraform/backend.tf": S3, "terraform/backend_override.tf": LOCAL}, False),
        ({"terraform/a_override.tf": S3, "terraform/backend.tf": LOCAL}, True),
        ({"terraform/backend.tf.orig": S3}, False),
    ],
)
def test_where_a_state_is_kept(store, files_of, remote):
    assert store.state_is_remote(files_of) is remote
    found = {path for path, text in files_of.items() if text in (S3, LOCAL) and path.endswith(".tf")}
    assert store.backends(files_of).keys() == found


def remote(serial, lineage, *names):
    listed = [{"type": "terraform_data", "name": name, "instances": [{"secret": "canary"}]} for name in names]
    return {"version": 4, "serial": serial, "lineage": lineage, "resources": listed, "outputs": {"a": "canary"}}


def test_of_a_remote_state_only_which_it_is_gets_noted(store, home):
    assert not store.remote_state_was_emptied("hello", remote(0, ""))
    store.note_remote_state("hello", remote(4, "a", "placement", "machine"))
    (note,) = home.glob("*")
    assert "canary" not in note.read_text()
    assert "terraform_data.machine" in note.read_text()
    assert store.remote_state_was_emptied("hello", remote(5, "a"))
    for other in (remote(5, "a", "machine"), remote(4, "a"), remote(9, "b"), remote(0, "")):
        assert not store.remote_state_was_emptied("hello", other)


def test_a_state_that_its_store_refused_is_kept_until_it_has_taken_it(store, source, home):
    assert store.keep_unsaved_state("hello", source) is None
    assert store.unsaved_state("hello", source) is None
    (source / "errored.tfstate").write_text("state")
    assert "handed in" in store.keep_unsaved_state("hello", source)
    assert store.unsaved_state("hello", source) == source / "errored.tfstate"
    (source / "errored.tfstate").unlink()
    found = store.unsaved_state("hello", source)
    assert found.parent == home
    assert found.read_text() == "state"
    assert found.stat().st_mode & 0o777 == 0o600
    store.drop_unsaved_state("hello", source)
    assert store.unsaved_state("hello", source) is None
