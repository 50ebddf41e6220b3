"""Ansible module: a conda environment that holds what a file or a list names."""

import hashlib
import json
import os
import re
import subprocess
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: conda_environment
short_description: A conda environment that holds what a file or a list names
description:
  - Makes the environment, or brings it up to date when what is asked of it changed.
  - Returns its name.
options:
  prefix:
    description: Where conda is.
    type: path
    required: true
  name:
    description: The environment's name, where the text has none.
    type: str
    required: true
  packages:
    description: Packages by name.
    type: list
    elements: str
    default: []
  text:
    description: An environment.yml, instead of packages.
    type: str
    default: ""
"""

NAME = re.compile(r"^name:\s*[\"']?([A-Za-z0-9._-]+)", re.MULTILINE)
TAIL = 3000


class FailedError(Exception):
    """Conda said no; the text is the end of what it said."""


def conda(prefix, *words):
    done = subprocess.run(
        [os.path.join(prefix, "bin", "conda"), *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise FailedError(done.stdout[-TAIL:].strip())


def bring_about(given, folder):
    """Make the environment in `folder`, or change it to what is asked for now."""
    there = os.path.isdir(os.path.join(folder, "conda-meta"))
    if not given["text"]:
        conda(given["prefix"], "install" if there else "create", "--yes", "--prefix", folder, *given["packages"])
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = os.path.join(scratch, "environment.yml")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(given["text"])
        words = ["update", "--prune"] if there else ["create", "--yes"]
        conda(given["prefix"], "env", *words, "--prefix", folder, "--file", path)


def is_as_asked(stamp, digest):
    try:
        with open(stamp, encoding="ascii") as stream:
            return stream.read() == digest
    except FileNotFoundError:
        return False


def main():
    module = AnsibleModule(
        argument_spec={
            "prefix": {"type": "path", "required": True},
            "name": {"type": "str", "required": True},
            "packages": {"type": "list", "elements": "str", "default": []},
            "text": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    given = module.params
    named = NAME.search(given["text"])
    name = named.group(1) if named else given["name"]
    folder = os.path.join(given["prefix"], "envs", name)
    stamp = os.path.join(folder, "styx.sha256")
    digest = hashlib.sha256(json.dumps([given["packages"], given["text"]]).encode()).hexdigest()
    if is_as_asked(stamp, digest):
        module.exit_json(changed=False, name=name)
    if not module.check_mode:
        try:
            bring_about(given, folder)
        except (FailedError, OSError) as error:
            module.fail_json(msg=f"the conda environment {name} cannot be made: {error}")
        with open(stamp, "w", encoding="ascii") as stream:
            stream.write(digest)
    module.exit_json(changed=True, name=name)


if __name__ == "__main__":
    main()
