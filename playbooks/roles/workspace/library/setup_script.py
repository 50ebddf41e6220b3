"""Ansible module: a task's setup, run on a host when it changed."""

import contextlib
import fcntl
import hashlib
import json
import os
import sys
import time

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: setup_script
short_description: A task's setup, run when it changed
description:
  - Runs a text with bash in a folder, below a guard that ends what it leaves behind; in the host's container,
    if it has one.
  - Waits for the same setup when a connection was lost and it still runs; one that is out of date is ended.
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
    description: Variables that the script sees, beside those of login.env where that is on the host.
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


def read(home, name):
    """Return a text that tells what the machine is; empty where there is none."""
    with contextlib.suppress(FileNotFoundError), open(os.path.join(home, ".styx", name), encoding="utf-8") as stream:
        return stream.read()
    return ""


def run(home, script, login, variables):
    """Run the script, its output in setup.log; return its exit code."""
    folder = os.path.join(home, ".styx")
    path = os.path.join(folder, "setup.sh")
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(script)
    import contained  # of this host

    command = contained.start(["bash", path], home=home, login=login, variables=variables)
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


@contextlib.contextmanager
def alone(path, digest):
    """Hold the lock of setups for as long as the block runs."""
    import setup_lock  # of this host

    with open(path, "a+", encoding="ascii") as lock:
        while not is_taken(lock):
            lock.seek(0)
            other, holder = lock.read(), setup_lock.holder_of(lock)
            if holder and other != digest:
                setup_lock.end(holder)
            time.sleep(0.2)
        lock.truncate(0)
        lock.write(digest)
        lock.flush()
        yield


def is_taken(lock):
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


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
    machine = [read(home, name) for name in ("login.env", "container")]
    asked = json.dumps([given["script"], variables, given["digest"], *machine], sort_keys=True)
    digest = hashlib.sha256(asked.encode()).hexdigest()
    stamp, log = (os.path.join(home, ".styx", name) for name in ("setup.json", "setup.log"))
    if module.check_mode:
        module.exit_json(changed=read_stamp(stamp).get(given["origin"]) != digest)
    sys.path.insert(0, os.path.join(home, ".styx", "bin"))
    with alone(os.path.join(home, ".styx", "setup.lock"), digest):
        succeeded = read_stamp(stamp)
        if succeeded.get(given["origin"]) == digest:
            module.exit_json(changed=False)
        if succeeded:
            os.unlink(stamp)  # should this one fail or be interrupted, nothing is sure any more
        login = {**login_environment(), "HOME": home, **dict(line.split("=", 1) for line in machine[0].splitlines())}
        code = run(home, given["script"], login, {**variables, **given["mark"]})
        if code:
            module.fail_json(msg=f"setup ended with exit code {code}; the end of {log}:\n{tail(log)}", rc=code)
        write_stamp(stamp, {**succeeded, given["origin"]: digest})
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
