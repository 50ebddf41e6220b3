"""Ansible module: wait until every node of a Ray cluster is alive and its Jobs API answers."""

import datetime
import json
import time
import urllib.error
import urllib.request

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: ray_nodes_alive
short_description: Wait until every node of a Ray cluster is alive
options:
  url:
    description: The head's dashboard.
    type: str
    required: true
  token_file:
    description: File with the cluster's token.
    type: path
    required: true
  addresses:
    description: The nodes' addresses.
    type: list
    elements: str
    required: true
  started:
    description:
      - For each address whose service was started now, when that was, in its own local time.
      - Ray lists a node that has just ended as alive for a while; only a newer one counts then.
    type: dict
    default: {}
  timeout_s:
    description: How long to wait, in seconds.
    type: int
    default: 120
"""

CLOCKS_DIFFER_S = 2


def ask(url, path, token):
    """Return the JSON answer of the dashboard."""
    request = urllib.request.Request(url + path, headers={"Authorization": "Bearer " + token})
    # A proxy of the caller's knows nothing of the cluster's own addresses.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=5) as answer:
        return json.load(answer)


def alive(url, token, since):
    """Return the addresses of living nodes, not older than `since` says; empty while the Jobs API does not answer."""
    nodes = ask(url, "/nodes?view=summary", token)["data"]["summary"]
    ask(url, "/api/version", token)
    raylets = [node["raylet"] for node in nodes if node.get("raylet", {}).get("state") == "ALIVE"]
    return {
        raylet["nodeManagerAddress"]
        for raylet in raylets
        if int(raylet.get("startTimeMs", 0)) / 1000 >= since.get(raylet["nodeManagerAddress"], 0)
    }


def seconds(text):
    """Return the seconds since 1970 of what the command module calls `start`, less what two clocks may differ."""
    return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").timestamp() - CLOCKS_DIFFER_S


def main():
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "token_file": {"type": "path", "required": True, "no_log": False},
            "addresses": {"type": "list", "elements": "str", "required": True},
            "started": {"type": "dict", "default": {}},
            "timeout_s": {"type": "int", "default": 120},
        },
        supports_check_mode=True,
    )
    given = module.params
    if module.check_mode:
        module.exit_json(changed=False)
    with open(given["token_file"], encoding="ascii") as stream:
        token = stream.read()
    since = {address: seconds(text) for address, text in given["started"].items()}
    limit = time.monotonic() + given["timeout_s"]
    missing, trouble = sorted(given["addresses"]), ""
    while missing and time.monotonic() < limit:
        try:
            missing = sorted(set(given["addresses"]) - alive(given["url"], token, since))
        except (OSError, ValueError, KeyError) as error:
            trouble = f"; the dashboard: {error}"
        if missing:
            time.sleep(0.2)
    if missing:
        module.fail_json(
            msg=f"after {given['timeout_s']} s these Ray nodes are not alive: {', '.join(missing)}{trouble}; "
            "read the log of the service ray on them"
        )
    module.exit_json(changed=False, alive=len(given["addresses"]))


if __name__ == "__main__":
    main()
