"""Ansible module: a further disk of a machine, with a file system, mounted at its place now and at every start."""

import os
import pwd
import subprocess
import time

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: disk_mounted
short_description: A disk that is mounted at a path
description:
  - Makes a file system on a disk that holds nothing at all; what a disk holds is never written over.
  - Mounts it by its UUID, for the name of a disk may be another one's after the next start.
options:
  device:
    description: The disk.
    type: path
    required: true
  path:
    description: Where it is mounted.
    type: path
    required: true
  owner:
    description: The user to whom the file system's top belongs.
    type: str
    required: true
  timeout_s:
    description: How long to wait for a disk that is being attached, in seconds.
    type: int
    default: 60
  table:
    description: The table of file systems.
    type: path
    default: /etc/fstab
"""

MARK = "x-styx.volume"
"""An option of the lines in the table that are Styx's; mount(8) takes no notice of it."""


class UnfitError(Exception):
    """A disk or a path that cannot be used; the text says why."""


def wait_for(device, timeout_s):
    """Wait until the disk is there; return its real name."""
    end = time.monotonic() + timeout_s
    while not os.path.exists(device):
        if time.monotonic() > end:
            raise UnfitError(f"the disk {device} is not there after {timeout_s} s")
        time.sleep(0.2)
    return os.path.realpath(device)


def content(disk):
    """Return what blkid finds on a disk: TYPE and UUID, or PTTYPE; nothing for an empty one."""
    done = subprocess.run(["blkid", "-p", "-o", "export", disk], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        raise UnfitError(f"{disk} cannot be read: {done.stderr.strip() or 'it holds more than one kind of thing'}")
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UnfitError(f"{words[0]}: {done.stderr.strip() or done.stdout.strip()}")


def line_for(uuid, path):
    """Return the table's line; without the disk the machine still starts."""
    place = path.replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011")
    return f"UUID={uuid} {place} ext4 defaults,nofail,{MARK} 0 2\n"


def table_with(text, line):
    """Return the table with `line` as the only one for its path; raise UnfitError when somebody else's is there."""
    kept, place = [], line.split()[1]
    for old in text.splitlines(keepends=True):
        words = old.split()
        if old.startswith("#") or len(words) < 4 or words[1] != place:
            kept.append(old if old.endswith("\n") else old + "\n")
        elif MARK not in words[3].split(","):
            raise UnfitError(f"the machine's own {words[0]} is mounted at {place}")
    return "".join(kept) + line


def mounted_at(path):
    """Return the device number of what is mounted at a path; None for nothing."""
    found = None
    with open("/proc/self/mountinfo", encoding="utf-8") as stream:
        for line in stream:
            words = line.split()
            if words[4].encode().decode("unicode_escape") == path:
                found = os.makedev(*map(int, words[2].split(":")))
    return found


def make_place(path, owner):
    """Make the folder and its missing parents, its owner's within their home; refuse one that holds something."""
    if os.path.isdir(path):
        if os.listdir(path):
            raise UnfitError(f"the folder {path} holds files that the disk would hide")
        return
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        make_place(parent, owner)
    os.mkdir(path, 0o755)
    if path.startswith(owner.pw_dir + "/"):
        os.chown(path, owner.pw_uid, owner.pw_gid)


def mount(given, check):
    """Bring one disk to its path; return what was changed, in words."""
    disk, path, changed = wait_for(given["device"], given["timeout_s"]), os.path.normpath(given["path"]), []
    owner = pwd.getpwnam(given["owner"])
    found = content(disk)
    if found and found.get("TYPE") != "ext4":
        kind = found.get("TYPE") or "partitions"
        raise UnfitError(f"the disk {given['device']} holds something already ({kind}), which Styx leaves alone")
    here = mounted_at(path)
    if here not in (None, os.stat(disk).st_rdev):
        raise UnfitError(f"something else is mounted at {path}")
    if not found:
        changed.append("file system")
        if not check:
            run("mkfs.ext4", "-q", "-m", "0", disk)
            found = content(disk)
    changed += remember(given["table"], line_for(found.get("UUID", ""), path), check)
    if here is None:
        changed.append("mounted")
        if not check:
            make_place(path, owner)
            run("mount", path)
    if not check and os.stat(path).st_uid != owner.pw_uid:
        changed.append("owner")
        os.chown(path, owner.pw_uid, owner.pw_gid)
    return changed


def remember(table, line, check):
    """Write the table anew where the line is not in it; return what was changed."""
    with open(table, encoding="utf-8") as stream:
        text = stream.read()
    if line in text.splitlines(keepends=True):
        return []
    if not check:
        with open(table + ".styx", "w", encoding="utf-8") as stream:
            stream.write(table_with(text, line))
        os.chmod(table + ".styx", 0o644)
        os.replace(table + ".styx", table)
        run("systemctl", "daemon-reload")
    return ["table"]


def main():
    module = AnsibleModule(
        argument_spec={
            "device": {"type": "path", "required": True},
            "path": {"type": "path", "required": True},
            "owner": {"type": "str", "required": True},
            "timeout_s": {"type": "int", "default": 60},
            "table": {"type": "path", "default": "/etc/fstab"},
        },
        supports_check_mode=True,
    )
    os.umask(0o022)
    try:
        changed = mount(module.params, module.check_mode)
    except UnfitError as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error.filename}: {error.strerror}")
    module.exit_json(changed=bool(changed), what=changed)


if __name__ == "__main__":
    main()
