"""A registry of container images on a test host, where only who logs in gets anything, and one small image in it."""

from tests.hosts.farm import Node

USER, PASSWORD = "puller", "correct horse"
IMAGE = "tests/tiny:1"
PORT = 5000

_INSTALL = "sudo DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends"

_SETTINGS = f"""
version: 0.1
storage: {{filesystem: {{rootdirectory: /var/lib/docker-registry}}}}
auth: {{htpasswd: {{realm: tests, path: /etc/docker/registry/htpasswd}}}}
http: {{addr: ':{PORT}'}}
"""

_USER = """
import crypt
print({user!r} + ":" + crypt.crypt({password!r}, crypt.mksalt(crypt.METHOD_BLOWFISH)).replace("$2b$", "$2y$", 1))
"""

_BUILD = f"""
set -e
rm -rf ~/tiny && mkdir -p ~/tiny/bin ~/tiny/tmp ~/tiny/etc
cp /bin/bash-static ~/tiny/bin/bash
cp /bin/busybox ~/tiny/bin/busybox
for name in sh sleep cat ls id touch env setsid; do ln -s busybox ~/tiny/bin/$name; done
echo root:x:0:0:root:/root:/bin/sh > ~/tiny/etc/passwd
tar --create --directory ~/tiny . |
  sudo docker import --change "ENV PATH=/bin" --change "ENV FROM_THE_IMAGE=yes" - 127.0.0.1:{PORT}/{IMAGE}
rm -rf ~/tiny
sudo docker login --username {USER} --password "{PASSWORD}" 127.0.0.1:{PORT}
sudo docker push --quiet 127.0.0.1:{PORT}/{IMAGE}
sudo docker logout 127.0.0.1:{PORT}
sudo docker rmi 127.0.0.1:{PORT}/{IMAGE}
"""


def serve(node: Node) -> str:
    """Serve the image from `node`; return the registry's name."""
    packages = "docker.io docker-registry busybox-static bash-static"
    node.run(f"sudo apt-get update -qq && {_INSTALL} {packages}")
    put(node, "/etc/docker/registry/config.yml", _SETTINGS)
    user = node.run("python3", "-W", "ignore", "-", stdin=_USER.format(user=USER, password=PASSWORD))
    put(node, "/etc/docker/registry/htpasswd", user)
    node.run("sudo systemctl restart docker-registry")
    node.run("bash -s", stdin=_BUILD)
    return f"{node.address}:{PORT}"


def put(node: Node, path: str, text: str) -> None:
    node.run(f"sudo tee {path} > /dev/null", stdin=text)
