"""The YAML reader: its limits, its places, and that it never raises anything but SpecError."""

import contextlib
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from styx.errors import SpecError
from styx.spec import document, loads, reading
from styx.spec.document import parse, parse_all
from styx.spec.scalars import is_odd_number, resolve


def faults(text):
    with pytest.raises(SpecError) as caught:
        parse(text, "f")
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("yes", True),
        ("Off", False),
        ("y", "y"),
        ("0", 0),
        ("-12", -12),
        ("012", "012"),
        ("0x1F", "0x1F"),
        ("0b1", "0b1"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1.10", 1.1),
        ("1.", 1.0),
        (".5", ".5"),
        ("1e3", "1e3"),
        ("1.5e+3", 1500.0),
        ("1.0e+999", "1.0e+999"),
        (".nan", ".nan"),
        ("-.inf", "-.inf"),
        ("2024-01-01", "2024-01-01"),
        ("99999999999999999999", "99999999999999999999"),
    ],
)
def test_a_plain_scalar_means_only_what_all_yaml_versions_agree_on(text, value):
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["012", "0x1F", "1_000", "1:30", ".5", "1e3", "1.0e+999", ".nan", "-.inf", "9" * 20])
def test_numbers_that_readers_disagree_about_are_known(text):
    assert is_odd_number(text)


@pytest.mark.parametrize("text", ["abc", "2024-01-01", "v1", "1.2.3", "", "a:b"])
def test_text_is_no_odd_number(text):
    assert not is_odd_number(text)


def test_every_key_and_value_has_its_place():
    found = parse("a:\n  - b: 1\n    c: [x, y]\n", "f")
    assert found.value == {"a": [{"b": 1, "c": ["x", "y"]}]}
    assert found.locate(("a", 0, "c", 1)) == (3, 12)
    assert found.locate(("a", 0, "c"), key=True) == (3, 5)
    assert found.locate(("a", 0, "missing")) == (2, 5)
    assert found.locate(("a", 0, "b", "below")) == (2, 8)
    assert found.locate(("nowhere",)) == (1, 1)
    assert found.written["a", 0, "b"] == "1"


def test_a_missing_value_is_placed_at_its_key():
    assert parse("a: 1\nb:\n\nc: 2\n", "f").locate(("b",)) == (2, 1)


def test_an_empty_text_has_no_value():
    assert parse("", "f").value is None
    assert parse("# only a comment\n", "f").value is None


def test_a_second_document_is_refused_where_one_is_expected():
    assert faults("a: 1\n---\nb: 2\n") == ["f:3:1: a second document is not expected here (remove it)"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "a:\n"])
def test_deep_nesting_is_refused_at_once(opening):
    text = opening * 2000 if opening != "a:\n" else "".join(" " * depth + "a:\n" for depth in range(600))
    started = time.perf_counter()
    assert "nested more than 50 deep" in faults(text)[0]
    assert time.perf_counter() - started < 0.5


def test_fifty_deep_is_read():
    text = "[" * document.MAX_DEPTH + "]" * document.MAX_DEPTH
    assert parse(text, "f").value


def test_an_alias_bomb_is_refused_at_once():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    started = time.perf_counter()
    found = faults("\n".join(lines))
    assert found[0].startswith("f:1:4: a: the anchor `&a` is not allowed")
    assert time.perf_counter() - started < 0.5


def test_a_large_text_is_refused():
    assert faults("a: " + "x" * document.MAX_BYTES) == [
        "f:1:1: the file is larger than 256 KiB (put data in a file mount)"
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: \x00", "f:1:4: the control character U+0000 is not allowed (remove it)"),
        ("a: 1\nb: \x07", "f:2:4: the control character U+0007 is not allowed (remove it)"),
        ('"\\0": 1', "f:1:1: a NUL character is not allowed in any value (remove it)"),
        ("? [a]\n: b", "f:1:3: a key must be text, not a block (quote it if it is meant as text)"),
        ("? {a: b}\n: b", "f:1:3: a key must be text, not a block (quote it if it is meant as text)"),
    ],
)
def test_what_cannot_be_read_is_one_fault(text, fault):
    assert faults(text) == [fault]


def test_a_byte_order_mark_is_no_key():
    assert parse("\ufeffa: 1", "f").value == {"a": 1}


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"a: \xff", "1:4: the byte 0xff is not UTF-8"),
        ("a: 1\nb: é".encode("latin-1"), "2:4: the byte 0xe9 is not UTF-8"),
        ("a: 1".encode("utf-16"), "1:1: the byte 0xff is not UTF-8"),
        (b"x" * (document.MAX_BYTES + 1), "the file is larger than 256 KiB"),
    ],
)
def test_a_file_that_is_no_text_is_one_fault(tmp_path, data, fault):
    path = tmp_path / "spec.yaml"
    path.write_bytes(data)
    with pytest.raises(SpecError) as caught:
        reading.read(path)
    assert len(caught.value.faults) == 1
    assert fault in str(caught.value)


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "task.yaml").write_text("run: x")
    with pytest.raises(SpecError, match=r"no such file \(did you mean .*task.yaml\?\)"):
        reading.read(tmp_path / "tsak.yaml")
    with pytest.raises(SpecError, match="this is a folder"):
        reading.read(tmp_path)
    with pytest.raises(SpecError, match="not a regular file"):
        reading.read(type(tmp_path)("/dev/null"))


def test_a_byte_order_mark_in_a_file_is_left_out(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfrun: x")
    assert reading.read(tmp_path / "a.yaml") == "run: x"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab:-[]{},&*!|>#?'\"\n \t\\0%@`~.1")), max_size=60))
def test_any_text_is_read_or_refused_with_faults(text):
    documents, found = parse_all(text, "f")
    assert documents or found or not text.strip() or "#" in text or "%" in text


KEYS = [
    "name", "workdir", "num_nodes", "resources", "file_mounts", "envs", "secrets", "run", "setup", "styx", "infra",
    "gpus", "any_of", "ordered", "cpus", "volumes", "accelerators", "autostop", "ports", "backend", "ray", "network",
    "environment", "conda", "url", "source", "image_id", "A", "B",
]  # fmt: skip

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=3))
def test_any_structure_is_a_spec_or_refused_with_places(values, tmp_path_factory):
    text = "---\n".join(yaml.safe_dump(value) for value in values)
    try:
        loads(text, "f", folder=tmp_path_factory.getbasetemp())
    except SpecError as error:
        assert all(fault.line and fault.message for fault in error.faults)  # noqa: PT017 - both ends are right


def test_no_spec_of_the_largest_size_takes_long():
    many = range(6000)
    texts = [
        "envs: {A: x}\nfile_mounts:\n" + "".join(f"  ~/$A{number}-$A: {{source: $A}}\n" for number in many),
        "file_mounts:\n" + "".join(f"  ~/f{number}: {{sorce: x}}\n" for number in many),
        "envs:\n" + "".join(f"  A{number}: $A{number}\n" for number in many),
    ]
    for text in texts:
        started = time.process_time()
        with contextlib.suppress(SpecError):
            loads(text)
        assert time.process_time() - started < 3


def test_a_fault_below_a_filled_in_key_is_found_in_the_text():
    with pytest.raises(SpecError) as caught:
        loads("envs: {A: x}\nfile_mounts:\n  ~/$A: {source: s3://b, mood: x}\n  ~/${A}2: {source: -y}\n", "f")
    assert [str(fault).split(" ")[:2] for fault in caught.value.faults] == [
        ["f:3:26:", "file_mounts.~/$A.mood:"],
        ["f:4:21:", "file_mounts.~/${A}2.source:"],
    ]
