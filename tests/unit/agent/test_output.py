"""Output is kept to its limit, and a secret never gets in, wherever the pieces are cut."""

import pytest

from styx.agent.output import Output, tail
from styx.run.mask import forms

SECRET = "s3cret-value"


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
@pytest.mark.parametrize("text", [f"a{SECRET}b\n{SECRET}", f"{SECRET}{SECRET}\n\n", "none\n" + SECRET[:-1] + "x"])
def test_a_secret_is_taken_out_of_pieces_of_any_size(tmp_path, size, text):
    output = Output(tmp_path / "log", [SECRET])
    data = text.encode()
    for begin in range(0, len(data), size):
        output.write(data[begin : begin + size])
    output.close()
    assert (tmp_path / "log").read_text() == text.replace(SECRET, "***")


def test_a_secret_in_a_line_without_end_is_taken_out_too(tmp_path):
    output = Output(tmp_path / "log", [SECRET])
    text = "x" * 70_000 + SECRET + "y" * 200_000 + SECRET
    for begin in range(0, len(text), 4099):
        output.write(text[begin : begin + 4099].encode())
    output.close()
    assert (tmp_path / "log").read_text() == text.replace(SECRET, "***")


@pytest.mark.parametrize("secrets", [(SECRET,), ("aaaa",), ("é" * 9,), ('say "so" & go', SECRET), ("abc",)])
def test_no_place_of_a_cut_lets_a_secret_through(tmp_path, monkeypatch, secrets):
    monkeypatch.setattr("styx.agent.output._LONGEST_LINE", 16)
    written = "".join(f"-{form}" for form in forms(secrets)).encode()
    for before in range(48):
        for size in (1, 5, 1000):
            path = tmp_path / f"{before}-{size}"
            output, data = Output(path, secrets), b"." * before + written + b"." * 40 + written
            for begin in range(0, len(data), size):
                output.write(data[begin : begin + size])
            output.close()
            kept = path.read_bytes()
            assert not [form for form in forms(secrets) if form.encode() in kept]
            assert kept.count(b".") == before + 40
            path.unlink()


def test_bytes_that_are_no_text_stay_what_they_are(tmp_path):
    output = Output(tmp_path / "log", [SECRET])
    output.write(b"\xff\0\xfe" + SECRET.encode() + b"\x80\n")
    output.close()
    assert (tmp_path / "log").read_bytes() == b"\xff\0\xfe***\x80\n"


def test_it_is_cut_at_its_limit_and_says_so(tmp_path):
    output = Output(tmp_path / "log", [], limit=100)
    for _ in range(50):
        output.write(b"0123456789")
    output.close()
    kept = (tmp_path / "log").read_bytes()
    assert len(kept) == 100
    assert kept.endswith(b"longer than is kept]\n")


def test_the_tail_is_text_that_a_database_takes(tmp_path):
    (tmp_path / "log").write_bytes(b"abc\0\xffend")
    assert tail(tmp_path / "log", 5) == "\ufffd\ufffdend"
