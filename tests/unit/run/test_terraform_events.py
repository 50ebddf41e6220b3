import json

import pytest

from styx.run import terraform_events as events


def line(kind: str, **body: object) -> str:
    return json.dumps({"@message": "m", "@timestamp": "t", "type": kind, **body})


RESOURCE = {"addr": "terraform_data.a"}

CASES = [
    (
        line("planned_change", change={"resource": RESOURCE, "action": "replace", "reason": "tainted"}),
        events.Change("terraform_data.a", "replace", "tainted"),
    ),
    (
        line("resource_drift", change={"resource": RESOURCE, "action": "update"}),
        events.Drift("terraform_data.a", "update"),
    ),
    (
        line("apply_complete", hook={"resource": RESOURCE, "action": "create", "elapsed_seconds": 3}),
        events.Progress("terraform_data.a", "create", "complete", 3),
    ),
    (
        line("change_summary", changes={"add": 1, "change": 2, "remove": 3, "import": 0, "operation": "plan"}),
        events.Summary("plan", 1, 2, 3),
    ),
    (
        line("outputs", outputs={"a": {"value": [1]}, "s": {"sensitive": True, "action": "create"}}),
        events.Outputs({"a": [1]}, changed=True),
    ),
    (
        line("diagnostic", diagnostic={"severity": "warning", "summary": "s", "range": None}),
        events.Diagnostic("warning", "s"),
    ),
    (line("version"), events.Message("m")),
]


@pytest.mark.parametrize(("said", "value"), CASES)
def test_a_line_is_a_value(said, value):
    assert events.read(said)[0] == value


@pytest.mark.parametrize("said", ["", "{", "[1]", '{"version": 4, "outputs": {"s": {"value": "canary"}}}', "canary"])
def test_what_is_no_event_is_not_repeated(said):
    assert events.read(said) == (events.Message(events.NO_EVENT), events.NO_EVENT)


def test_a_diagnostic_reads_as_a_compiler_would_say_it():
    said = events.Diagnostic("error", "Bad thing", "it is\nbad", "a.b", "main.tf", 3)
    assert str(said) == "main.tf:3: error: Bad thing (a.b)\n  it is\n  bad"


def test_each_diagnostic_once():
    one, two = events.Diagnostic("error", "a"), events.Diagnostic("error", "b")
    assert events.unique([one, two, one]) == (one, two)
