import json
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from styx.render.hcl import hcl


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", '"plain"'),
        ('a "quote" and \\', '"a \\"quote\\" and \\\\"'),
        ('${file("x")} %{if true}', '"$${file(\\"x\\")} %%{if true}"'),
        ("two\nlines", '"two\\nlines"'),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        ({"b": 1, "a": ["x"]}, '{ "a" = ["x"], "b" = 1 }'),
    ],
)
def test_a_value_becomes_an_expression(value, text):
    assert hcl(value) == text


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"])))
def test_no_template_opens(text):
    opened = hcl(text).replace("$${", "").replace("%%{", "")
    assert "${" not in opened
    assert "%{" not in opened


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform on PATH")
def test_terraform_reads_back_what_was_written(tmp_path):
    hostile = [
        "${path.module}",
        "%{ for x in y }",
        "$${a}",
        "$",
        "$$",
        "%",
        'q"q',
        "back\\slash",
        "tab\t",
        "é\u2028",
        "\x01",
    ]
    (tmp_path / "main.tf").write_text(f'output "x" {{\n  value = {hcl(hostile)}\n}}\n')
    for words in (["init"], ["apply", "-auto-approve"]):
        subprocess.run(["terraform", *words], cwd=tmp_path, check=True, capture_output=True)
    out = subprocess.run(["terraform", "output", "-json", "x"], cwd=tmp_path, check=True, capture_output=True)
    assert json.loads(out.stdout) == hostile
