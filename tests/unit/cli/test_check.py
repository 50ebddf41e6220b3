"""`styx check` as a user runs it: what it prints, and its exit codes."""

import json
import os
import sys

import pytest

from styx.cli.main import main


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """Have every program, and no account."""
    (tmp_path / "bin").mkdir()
    for name in ("ssh", "rsync"):
        (tmp_path / "bin" / name).symlink_to(sys.executable)
    (tmp_path / "bin" / "terraform").write_text('#!/bin/sh\necho \'{"terraform_version": "1.11.4"}\'\n')
    (tmp_path / "bin" / "terraform").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in os.environ:
        if name.startswith(("AWS_", "ARM_", "AZURE_", "GOOGLE_", "LAMBDA", "NEBIUS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *words):
    code = main(["check", *words])
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return code, captured.out, captured.err


def test_a_cloud_that_is_ready(capsys):
    code, out, err = run(capsys, "local")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["FOR", "WHAT", "NAME", "STATE", "FOUND", "TO", "MEND", "IT"]
    assert out.splitlines()[-1] == "ready: local"


def test_a_cloud_that_lets_nobody_in(capsys):
    code, out, err = run(capsys, "local", "lambda")
    assert code == 5
    assert "not ready: lambda" in out
    assert err.startswith(
        "error: not ready: lambda (API key: LAMBDALABS_API_KEY is not set)\n  next: export LAMBDALABS_API_KEY="
    )


def test_a_program_that_is_missing_comes_first(capsys, machine):
    (machine / "bin" / "rsync").unlink()
    code, _, err = run(capsys, "lambda")
    assert (code, err) == (1, "error: not ready: lambda (rsync: not on PATH)\n  next: apt install rsync\n")


def test_nobody_answers(capsys, monkeypatch):
    monkeypatch.setenv("LAMBDA_API_KEY", "canary-key")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    code, out, err = run(capsys, "lambda")
    assert code == 5
    assert "cloud.lambda.ai MISSING cannot be reached" in " ".join(out.split())
    assert "canary" not in out + err


def test_a_key_with_a_line_break_is_not_shown(capsys, monkeypatch):
    monkeypatch.setenv("LAMBDA_API_KEY", "canary\nkey")
    code, out, err = run(capsys, "lambda", "--json")
    assert code == 5
    assert "canary" not in out + err


def test_json(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["styx", "check", "lambda", "lambda", "--json"])
    code, out, err = run(capsys, *sys.argv[2:])
    assert code == 5
    found = json.loads(out)
    assert [tool["name"] for tool in found["tools"]] == ["terraform", "ansible-playbook", "ssh", "rsync"]
    (one,) = found["clouds"]
    assert (one["cloud"], one["ready"]) == ("lambda", False)
    assert one["findings"][0].keys() == {"subject", "name", "state", "said", "mend"}
    assert json.loads(err)["error"]["kind"] == "CredentialError"


def test_an_unknown_cloud(capsys):
    code, _, err = run(capsys, "lamda")
    assert (code, err) == (2, "error: there is no cloud lamda\n  next: did you mean lambda?\n")


def test_with_no_cloud_named_one_that_is_ready_suffices(capsys, monkeypatch):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    code, out, _ = run(capsys, "--timeout", "60")
    assert code == 0
    assert "\nready: local" in out
    assert "not ready: " in out
