import json

from styx.errors import Fault
from styx.review.sarif import sarif


def test_faults_stand_at_their_lines(tmp_path):
    faults = [
        Fault(str(tmp_path / "specs" / "a.yaml"), 3, 7, "resources.cpus", "must be above 0", "write 4+"),
        Fault("--gpus", 0, 0, "", "no accelerator is called X"),
        Fault(str(tmp_path / "b.yaml"), 1, 1, "resources.infra", "no", "rule policy.regions (styx.yaml:4)"),
    ]
    [run] = json.loads(sarif(faults, tmp_path))["runs"]
    first, second, third = run["results"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/a.yaml"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    assert first["message"]["text"] == "resources.cpus: must be above 0 (write 4+)"
    assert "region" not in second["locations"][0]["physicalLocation"]
    assert (first["ruleId"], third["ruleId"]) == ("spec", "policy/regions")
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["policy/regions", "spec"]
