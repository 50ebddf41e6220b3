"""What a submit may hold, and what is refused at the door."""

import pytest
from pydantic import ValidationError

from styx.api.messages import Submit


@pytest.mark.parametrize(
    "body",
    [{"command": "echo hi"}, {"argv": ["a", ""]}, {"spec": {"run": "true"}, "verb": "apply", "name": "c"},
     {"spec": {"name": "c"}, "verb": "destroy"},
     {"command": "x", "schedule": "*/5 * * * *", "labels": ["a.b-c"], "env": {"A_1": "any\ntext ${x} {{ y }}"}}],
)  # fmt: skip
def test_good(body):
    assert Submit.model_validate(body)


@pytest.mark.parametrize(
    "body",
    [
        {}, {"command": ""}, {"command": "a", "argv": ["b"]}, {"spec": {}}, {"command": "a", "verb": "apply"},
        {"argv": []}, {"command": "a\0b"}, {"argv": ["a", "\0"]}, {"command": "a", "env": {"A=B": "x"}},
        {"command": "a", "env": {"A": "\0"}}, {"command": "a", "labels": ["-x"]}, {"command": "a", "name": "a/b"},
        {"command": "a", "name": "a\n"}, {"command": "a", "timeout_s": 0}, {"command": "a", "timeout_s": float("nan")},
        {"command": "a", "after": ["../x"]}, {"command": "a", "schedule": "daily"}, {"command": "a", "retries": 101},
        {"command": "a", "unknown": 1}, {"spec": {"x": float("inf")}, "verb": "plan", "name": "c"},
        {"command": "\ud800"}, {"spec": {}, "verb": "apply"},
    ],
)  # fmt: skip
def test_bad(body):
    with pytest.raises(ValidationError):
        Submit.model_validate(body)
