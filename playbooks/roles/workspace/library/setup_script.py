"""Ansible module: a task's setup, run on a host when it changed."""

import hashlib
import importlib.util
import json
import os

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: setup_script
short_description: A task's setup, run when it changed
description:
  - Runs a text with bash in a folder, below a guard that ends what it leaves behind.
  - Runs it again only when the text, a variable or a file that was placed changed, or when any setup failed since.
options:
  script:
    description: The text.
    type: str
    required: true
  home:
    description: The home folder; the script runs in its folder workdir.
    type: path
    required: true
  environment:
    description: Variables that the script sees beside those of a login.
    type: dict
    default: {}
  origin:
    description: Where the text comes from; each origin's setup is run when it changed there.
    type: str
    default: ""
  mark:
    description: Variables by which all that setup started is found; another one is no reason to run it again.
    type: dict
    default: {}
  secrets:
    description: More variables, never shown.
    type: dict
    default: {}
  digest:
    description: Digest of the files that were placed.
    type: str
    default: ""
"""

OF_A_LOGIN = ("LANG", "LANGUAGE", "TZ", "USER", "LOGNAME", "SHELL", "LD_LIBRARY_PATH")
OF_A_LOGIN_PREFIXES = ("LC_", "PIP_", "UV_", "SSL_CERT_", "REQUESTS_CA_", "CURL_CA_")
TAIL_BYTES = 4000


def login_environment():
    """Return the variables of a login: on a controller that is its own host, nothing of the caller's credentials."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in OF_A_LOGIN or name.startswith(OF_A_LOGIN_PREFIXES) or name.lower().endswith("_proxy")
    }


def load_guard(home):
    """Return the module guard.py of this host."""
    path = os.path.join(home, ".styx", "bin", "guard.py")
    spec = importlib.util.spec_from_file_location("guard", path)
    guard = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guard)
    return guard


def run(home, script, environment):
    """Run the script, its output in setup.log; return its exit code."""
    folder = os.path.join(home, ".styx")
    path = os.path.join(folder, "setup.sh")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(script)
    command = load_guard(home).Guarded(["bash", path], env=environment, cwd=os.path.join(home, "workdir"))
    code = None
    with open(os.path.join(folder, "setup.log"), "wb", buffering=0) as log:
        for value in command.read():
            if isinstance(value, int):
                code = value
            else:
                log.write(value)
    return code


def read_stamp(path):
    """Return origin → digest of the setups that succeeded, none of which a later failure put in doubt."""
    try:
        with open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except (FileNotFoundError, ValueError):
        return {}


def write_stamp(path, succeeded):
    with open(path + ".new", "w", encoding="utf-8") as stream:
        json.dump(succeeded, stream)
    os.replace(path + ".new", path)


def tail(path):
    with open(path, "rb") as stream:
        stream.seek(max(0, os.path.getsize(path) - TAIL_BYTES))
        return stream.read().decode(errors="replace").strip()


def main():
    module = AnsibleModule(
        argument_spec={
            "script": {"type": "str", "required": True},
            "home": {"type": "path", "required": True},
            "environment": {"type": "dict", "default": {}},
            "origin": {"type": "str", "default": ""},
            "mark": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
            "digest": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    os.umask(0o077)
    given, home = module.params, module.params["home"]
    variables = {**given["environment"], **given["secrets"]}
    asked = json.dumps([given["script"], variables, given["digest"]], sort_keys=True)
    digest = hashlib.sha256(asked.encode()).hexdigest()
    stamp, log = (os.path.join(home, ".styx", name) for name in ("setup.json", "setup.log"))
    succeeded = read_stamp(stamp)
    if succeeded.get(given["origin"]) == digest:
        module.exit_json(changed=False)
    if module.check_mode:
        module.exit_json(changed=True)
    if succeeded:
        os.unlink(stamp)  # should this one fail or be interrupted, nothing is sure any more
    code = run(home, given["script"], {**login_environment(), "HOME": home, **variables, **given["mark"]})
    if code:
        module.fail_json(msg=f"setup ended with exit code {code}; the end of {log}:\n{tail(log)}", rc=code)
    write_stamp(stamp, {**succeeded, given["origin"]: digest})
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
