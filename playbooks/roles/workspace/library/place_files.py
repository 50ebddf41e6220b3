"""Ansible module: the host's half of the action place_files."""

import os
import shutil
import tarfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: place_files
short_description: A workdir and file mounts in a machine's home
description:
  - The action of this name packs files of the controller; this half unpacks them into the home.
  - What a job wrote stays, unless it is where a file is placed now.
options:
  home:
    description: The home folder of setup and run.
    type: path
    required: true
  digest:
    description: Digest of the files.
    type: str
    required: true
  package:
    description: A tar with the files; without it the module only compares digests.
    type: path
"""


def unpack(package, home):
    """Unpack into the home, replacing what is there; a folder stays, with what is in it, where one is placed.

    Returns the paths that were not there before, each without those below it.
    """
    new = []
    with tarfile.open(package) as archive:
        for entry in archive:
            path = os.path.join(home, entry.name)
            if not os.path.lexists(path):
                new.append(highest_missing(path))
            make_parents(os.path.dirname(path))
            if entry.isdir() and os.path.isdir(path) and not os.path.islink(path):
                continue
            remove(path)
            archive.extract(entry, home)
    return new


def highest_missing(path):
    """Return the folder that is made first for `path`, or `path` itself."""
    while not os.path.lexists(os.path.dirname(path)):
        path = os.path.dirname(path)
    return path


def make_parents(folder):
    """Make a folder and its missing parents, a file that is in the way removed."""
    if not os.path.isdir(folder):
        make_parents(os.path.dirname(folder))
        remove(folder)
        os.mkdir(folder, 0o700)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def main():
    module = AnsibleModule(
        argument_spec={
            "home": {"type": "path", "required": True},
            "digest": {"type": "str", "required": True},
            "package": {"type": "path"},
        },
        supports_check_mode=True,
    )
    os.umask(0o077)
    home, digest = module.params["home"], module.params["digest"]
    stamp = os.path.join(home, ".styx", "files.sha256")
    known = ""
    if os.path.exists(stamp):
        with open(stamp, encoding="ascii") as stream:
            known = stream.read()
    if module.params["package"]:
        try:
            new = unpack(module.params["package"], home)
        except OSError as error:
            module.fail_json(msg=f"the files cannot be placed: {error}")
        # For the role release: what was there before stays when a host is given back.
        with open(os.path.join(home, ".styx", "files.new"), "a", encoding="utf-8") as stream:
            stream.writelines(path + "\n" for path in new)
        with open(stamp, "w", encoding="ascii") as stream:
            stream.write(digest)
        module.exit_json(changed=True, digest=digest)
    module.exit_json(changed=known != digest, digest=digest)


if __name__ == "__main__":
    main()
