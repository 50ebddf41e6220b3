"""Ansible module: settings of Docker's daemon, beside those that are there."""

import json
import os

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: docker_settings
short_description: Settings of Docker's daemon, beside those that are there
description:
  - Merges settings into /etc/docker/daemon.json; what else is in it stays.
options:
  settings:
    description: Names and values as in daemon.json; lists and blocks are merged with those that are there.
    type: dict
    default: {}
  nvidia:
    description: Whether the runtime for NVIDIA's GPUs is one of them.
    type: bool
    default: false
  path:
    description: The file.
    type: path
    default: /etc/docker/daemon.json
"""

NVIDIA = {"runtimes": {"nvidia": {"path": "nvidia-container-runtime", "args": []}}}
"""As `nvidia-ctk runtime configure --runtime=docker` writes it."""


def merged(there, wanted):
    """Return both, the wanted value where they differ; blocks and lists hold what either has."""
    if isinstance(there, dict) and isinstance(wanted, dict):
        return {**there, **{name: merged(there.get(name), value) for name, value in wanted.items()}}
    if isinstance(there, list) and isinstance(wanted, list):
        return there + [value for value in wanted if value not in there]
    return wanted


def read(path):
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except FileNotFoundError:
        return {}


def write(path, settings):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as stream:
        json.dump(settings, stream, indent=2)
        stream.write("\n")
    os.replace(path + ".new", path)


def main():
    module = AnsibleModule(
        argument_spec={
            "settings": {"type": "dict", "default": {}},
            "nvidia": {"type": "bool", "default": False},
            "path": {"type": "path", "default": "/etc/docker/daemon.json"},
        },
        supports_check_mode=True,
    )
    path = module.params["path"]
    try:
        there = read(path)
    except ValueError as error:
        module.fail_json(msg=f"{path} is not JSON: {error}")
    wanted = merged(NVIDIA if module.params["nvidia"] else {}, module.params["settings"])
    settings = merged(there, wanted)
    if settings != there and not module.check_mode:
        write(path, settings)
    module.exit_json(changed=settings != there)


if __name__ == "__main__":
    main()
