"""Ansible module: packages of Debian or Ubuntu, through apt-get itself.

Ansible's own module first installs Python's bindings of apt where they are not, and opens apt's whole cache to see
that nothing is to do, also on a bare machine.
"""

import os
import re
import subprocess
import time

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: system_packages
short_description: Packages of Debian or Ubuntu
description:
  - Installs those packages that are not there, without what they only recommend.
  - Fetches apt's lists first when they are older than a day, and again when they turn out to be out of date.
options:
  names:
    description: The packages, as apt-get takes them; with =VERSION one that must be it.
    type: list
    elements: str
    required: true
  lock_timeout_s:
    description: How long to wait for another program that installs packages.
    type: int
    required: true
"""

LISTS = "/var/lib/apt/lists"
LISTS_LAST_S = 86400
NOTHING_DONE = re.compile(r"^0 upgraded, 0 newly installed, 0 ", re.MULTILINE)


class FailedError(Exception):
    """Apt said no; the text is its own."""


def missing(names):
    """Return those of `names` that dpkg does not know to be installed, among them all that no package is called."""
    words = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}\t${Package}\t${Version}\n"]
    asked = [re.split("[=:/]", name)[0] for name in names]
    done = subprocess.run([*words, "--", *asked], capture_output=True, text=True, check=False)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    there = {text for status, name, version in rows if status == "installed" for text in (name, f"{name}={version}")}
    return [name for name in names if name not in there]


def lists_are_old():
    """Tell whether apt's lists are older than a day, or were never fetched."""
    files = [entry for entry in os.scandir(LISTS) if entry.is_file()] if os.path.isdir(LISTS) else []
    fetched = [os.stat(path).st_mtime for path in (LISTS, f"{LISTS}/partial") if os.path.isdir(path)]
    return len(files) < 2 or time.time() - max(fetched) > LISTS_LAST_S  # one is apt's lock


def apt_get(given, *words):
    """Return what apt-get says; raise FailedError with its errors, the lock's only when its time is over."""
    # Its own waiting knows dpkg's locks, and not that of its lists.
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=0", "-o", "Dpkg::Use-Pty=0", "--quiet", *words]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    end = time.monotonic() + given["lock_timeout_s"]
    while True:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if not done.returncode:
            return done.stdout
        if "Could not get lock" not in done.stderr or time.monotonic() > end:
            break
        time.sleep(0.5)
    errors = [line for line in done.stderr.splitlines() if line.startswith("E:")]
    raise FailedError("; ".join(errors) or (done.stderr or done.stdout)[-1000:].strip())


def install(given, names):
    """Install packages; return whether that changed anything."""
    words = ["install", "--yes", "--no-install-recommends", "--", *names]
    is_fresh = lists_are_old()
    if is_fresh:
        apt_get(given, "update")  # it succeeds when a server is away, with the lists that it has
    try:
        said = apt_get(given, *words)
    except FailedError as error:
        if is_fresh or not re.search("Unable to (locate|fetch)|Failed to fetch|has no installation", str(error)):
            raise
        apt_get(given, "update")
        said = apt_get(given, *words)
    return not NOTHING_DONE.search(said)


def main():
    module = AnsibleModule(
        argument_spec={
            "names": {"type": "list", "elements": "str", "required": True},
            "lock_timeout_s": {"type": "int", "required": True},
        },
        supports_check_mode=True,
    )
    wanted = missing(module.params["names"])
    if module.check_mode or not wanted:
        module.exit_json(changed=bool(wanted))
    try:
        module.exit_json(changed=install(module.params, wanted))
    except (FailedError, OSError) as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
