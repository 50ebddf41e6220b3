"""Ansible module: one container that stays, of an image, with the machine's network and some of its folders."""

import hashlib
import json
import subprocess
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: run_container
short_description: One container that stays
description:
  - Starts a container whose first process only waits; commands are run in it with `docker exec`, as root.
  - Replaces it when anything that is asked of it changed, and starts it again when it stopped.
  - It has the host's network and shared memory, for the ranks of a job speak to each other, and the host's /usr
    below /.styx, whose Python guards the commands.
options:
  name:
    description: The container's name.
    type: str
    required: true
  image:
    description: Its image; pulled when the host has none of that name.
    type: str
    required: true
  mounts:
    description: Folders of the host that it sees at the same place, and what is mounted below them later.
    type: list
    elements: str
    default: []
  options:
    description: Further words for `docker run`.
    type: list
    elements: str
    default: []
  gpus:
    description: Whether it gets the host's GPUs.
    type: bool
    default: false
  server:
    description: The image's registry, put before its name; empty for Docker Hub.
    type: str
    default: ""
  username:
    description: Who logs in there; nobody when it is empty.
    type: str
    default: ""
  password:
    description: Kept nowhere on the host.
    type: str
    default: ""
"""

LABEL = "org.styx.asked"


class FailedError(Exception):
    """Docker said no; the text is what it said."""


def docker(*words, stdin=None):
    """Run docker; return what it printed."""
    done = subprocess.run(["docker", *words], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FailedError(done.stderr.strip() or f"docker {words[0]} ended with exit code {done.returncode}")
    return done.stdout.strip()


def full_name(image, server):
    """Return the image with its registry before it, once."""
    return image if not server or image.startswith(f"{server}/") else f"{server}/{image}"


def arguments(asked, image):
    """Return the words of `docker run`."""
    mounts = [word for folder in asked["mounts"] for word in ("--volume", f"{folder}:{folder}:rslave")]
    return [
        "run", "--detach", "--init", "--name", asked["name"], "--restart", "unless-stopped",
        "--user", "0:0", "--network", "host", "--ipc", "host", *mounts, "--volume", "/usr:/.styx/usr:ro",
        *(["--gpus", "all"] if asked["gpus"] else []), *asked["options"],
        "--entrypoint", "sleep", image, "infinity",
    ]  # fmt: skip


def state(name):
    """Return (id, the digest of what was asked of it, whether it runs); None when there is no such container."""
    found = docker("container", "ls", "--all", "--quiet", "--no-trunc", "--filter", f"name=^/?{name}$")
    if not found:
        return None
    told = json.loads(docker("container", "inspect", found))[0]
    return told["Id"], told["Config"]["Labels"].get(LABEL), told["State"]["Running"]


def is_there(image):
    return subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode == 0


def pull(image, asked):
    """Get an image, with a login that is forgotten at once."""
    with tempfile.TemporaryDirectory() as folder:
        config = ("--config", folder)
        if asked["username"]:
            server = [asked["server"]] if asked["server"] else []
            words = ("login", "--username", asked["username"], "--password-stdin", *server)
            docker(*config, *words, stdin=asked["password"])
        docker(*config, "pull", "--quiet", image)


def run(asked, check):
    """Bring the container about; return (its id, whether anything changed)."""
    image = full_name(asked["image"], asked["server"])
    words = arguments(asked, image)
    digest = hashlib.sha256(json.dumps(words).encode()).hexdigest()
    found = state(asked["name"])
    if found and found[1] == digest:
        if not found[2] and not check:
            docker("start", found[0])
        return found[0], not found[2]
    if check:
        return "", True
    if not is_there(image):
        pull(image, asked)
    if found:
        docker("rm", "--force", found[0])
    return docker(words[0], "--label", f"{LABEL}={digest}", *words[1:]), True


def main():
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "image": {"type": "str", "required": True},
            "mounts": {"type": "list", "elements": "str", "default": []},
            "options": {"type": "list", "elements": "str", "default": []},
            "gpus": {"type": "bool", "default": False},
            "server": {"type": "str", "default": ""},
            "username": {"type": "str", "default": ""},
            "password": {"type": "str", "default": "", "no_log": True},
        },
        supports_check_mode=True,
    )
    try:
        found, changed = run(module.params, module.check_mode)
    except FailedError as error:
        module.fail_json(msg=f"the container of {module.params['image']} cannot be run: {error}")
    module.exit_json(changed=changed, id=found)


if __name__ == "__main__":
    main()
