"""Lambda's REST API, as far as a sweep asks: docs.lambda.ai/api/cloud."""

from tests.cloudless.api import Answer, Api, Asked

MACHINE, KEY = "lambdalabs_instance", "lambdalabs_ssh_key"


def answer(api: Api, asked: Asked) -> Answer:
    """Answer one question as Lambda does; it has no pages."""
    what = asked.path.removeprefix("/api/v1/")
    for end, refusal in api.refused.items():
        if asked.method != "GET" and end in str((what, asked.body)):
            return refusal
    if asked.method == "GET":
        return 200, {"data": _machines(api) if what == "instances" else _keys(api)}
    ids = asked.body["instance_ids"] if asked.method == "POST" else [what.rpartition("/")[2]]
    ended = [entry for entry in api.world.ledger.entries(MACHINE, KEY) if entry.id in ids]
    if not ended:
        text = {"code": "global/object-does-not-exist", "message": "Specified instance does not exist."}
        return 404, {"error": text}
    for entry in ended:
        api.end(entry)
    return 200, {"data": {"terminated_instances": [{"id": entry.id, "status": "terminating"} for entry in ended]}}


def _machines(api: Api) -> list[dict[str, object]]:
    return [
        {
            "id": entry.id,
            "name": entry.name,
            "status": "active",
            "region": {"name": entry.attributes["region_name"], "description": "-"},
            "ssh_key_names": entry.attributes["ssh_key_names"],
            "file_system_names": [],
        }
        for entry in api.visible(MACHINE)
    ]


def _keys(api: Api) -> list[dict[str, object]]:
    """Return the keys, their comments dropped."""
    return [
        {"id": entry.id, "name": entry.name, "public_key": " ".join(entry.attributes["public_key"].split()[:2])}
        for entry in api.visible(KEY)
    ]
