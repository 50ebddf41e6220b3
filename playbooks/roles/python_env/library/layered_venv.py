"""Ansible module: a Python environment of a machine on top of one that machines share."""

import fcntl
import json
import os
import shutil
import subprocess
import sys

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: layered_venv
short_description: A Python environment on top of one that machines share
description:
  - Makes the shared environment with its packages once, whoever comes first, under a lock.
  - Makes a light environment that sees the packages of the shared one; what is installed into it stays its own.
options:
  shared:
    description: Folder of the shared environment.
    type: path
    required: true
  path:
    description: Folder of the machine's own environment.
    type: path
    required: true
  packages:
    description: Pinned packages of the shared environment.
    type: list
    elements: str
    required: true
  pythons:
    description: Which Python it is made of, the first of these that is there; the one that runs this when empty.
    type: list
    elements: str
    default: []
"""

# As pip writes one where the path of Python may hold blanks or be long: a shell's text and Python's in one.
PROGRAM = """\
#!/bin/sh
'''exec' "$(dirname "$0")/python" "$0" "$@"
' '''
import sys
from {module} import main
sys.exit(main())
"""
PROGRAMS = {"pip": "pip._internal.cli.main", "pip3": "pip._internal.cli.main", "ray": "ray.scripts.scripts"}
"""Of the shared environment, by name: run with the Python of the light one."""


class FailedError(Exception):
    """A command failed; the text is the end of what it printed."""


def call(*words):
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        end = done.stdout.decode(errors="replace")[-2000:]
        raise FailedError(f"{' '.join(words)} ended with exit code {done.returncode}:\n{end}")


def choose(pythons):
    """Return the first Python that is there, and its version as in 3.12."""
    found = next((path for path in map(shutil.which, pythons) if path), None) if pythons else sys.executable
    if not found:
        raise FailedError(f"none of these is there: {', '.join(pythons)}")
    asked = [found, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return found, subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def make_shared(folder, packages, base):
    """Make the shared environment unless it is whole; return whether it was made."""
    stamp = os.path.join(folder, "packages.json")
    os.makedirs(os.path.dirname(folder), mode=0o700, exist_ok=True)
    with open(folder + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_current(stamp, packages):
            return False
        shutil.rmtree(folder, ignore_errors=True)
        python = os.path.join(folder, "bin", "python")
        uv = shutil.which("uv")
        call(base, "-m", "venv", folder)
        if uv:
            call(uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *packages)
        else:
            # Compiling all of it takes pip three quarters of its time; Python compiles what is used, when it is.
            quick = ("--quiet", "--no-compile", "--disable-pip-version-check")
            call(python, "-m", "pip", "install", *quick, *packages)
        write_stamp(stamp, packages)
    return True


def make_own(folder, shared, version):
    """Make the light environment unless it is there; return whether it was made."""
    stamp = os.path.join(folder, "shared.json")
    made = [shared, PROGRAMS]
    packages = os.path.join("lib", f"python{version}", "site-packages")
    if is_current(stamp, made):
        return False
    if not os.path.isdir(os.path.join(folder, packages)):  # none, or one of another Python
        shutil.rmtree(folder, ignore_errors=True)
        call(os.path.join(shared, "bin", "python"), "-m", "venv", "--without-pip", folder)
    with open(os.path.join(folder, packages, "shared.pth"), "w", encoding="utf-8") as stream:
        stream.write(os.path.join(shared, packages) + "\n")
    for name, module in PROGRAMS.items():
        path = os.path.join(folder, "bin", name)
        with open(path, "w", encoding="ascii") as stream:
            stream.write(PROGRAM.format(module=module))
        os.chmod(path, 0o700)
    write_stamp(stamp, made)
    return True


def is_current(stamp, wanted):
    try:
        with open(stamp, encoding="utf-8") as stream:
            return json.load(stream) == wanted
    except (FileNotFoundError, ValueError):
        return False


def write_stamp(stamp, wanted):
    with open(stamp, "w", encoding="utf-8") as stream:
        json.dump(wanted, stream)


def main():
    module = AnsibleModule(
        argument_spec={
            "shared": {"type": "path", "required": True},
            "path": {"type": "path", "required": True},
            "packages": {"type": "list", "elements": "str", "required": True},
            "pythons": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=False,
    )
    os.umask(0o077)
    shared = module.params["shared"]
    try:
        base, version = choose(module.params["pythons"])
        shared += f"-py{version}"
        changed = make_shared(shared, module.params["packages"], base)
        changed = make_own(module.params["path"], shared, version) or changed
    except (FailedError, OSError, subprocess.CalledProcessError) as error:
        module.fail_json(msg=f"the Python environment {shared} cannot be made: {error}")
    module.exit_json(changed=changed, shared=shared)


if __name__ == "__main__":
    main()
