"""What reaches a real host: a private repository, buckets in three ways, a further disk; twice without a change."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

import boto3
import pytest

from tests.cloudless.fixtures import Cloudless, cloudless_images  # noqa: F401 - fixtures
from tests.e2e.git_server import GitServer
from tests.e2e.user import CACHE, Styx
from tests.hosts import farm as farms

pytestmark = pytest.mark.root

TOKEN = "canary-5eed-token"
BUCKET_KEY = "canary5eedbucketkey"
SPEC = """
resources:
  infra: aws/us-east-1
  cpus: 4
  volumes: [{{path: /data, disk_size: 10, auto_delete: true}}]
workdir: {{url: "{url}", ref: {ref}}}
file_mounts:
  ~/copied: s3://styx-data/in
  mounted: {{source: s3://styx-data, mode: MOUNT}}
  /cached: {{source: s3://styx-data/out, mode: MOUNT_CACHED}}
envs: {{AWS_ENDPOINT_URL: "{s3}", AWS_REGION: us-east-1}}
secrets: {{AWS_ACCESS_KEY_ID: null, AWS_SECRET_ACCESS_KEY: null, GIT_TOKEN: null, GIT_SSH_KEY: null}}
setup: |
  cat program mounted/in/word ~/copied/word >> /data/setup
styx: {{ray: false}}
"""


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """One host that can mount file systems of its users."""
    if reason := farms.missing():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have hosts: {reason}")
        pytest.skip(reason)
    found = farms.Farm(tmp_path_factory.mktemp("farm"), CACHE / "hosts", number=24)
    try:
        (node,) = found.start(1)
        node.run("sudo mknod -m 666 /dev/fuse c 10 229")  # a machine's kernel makes it; without FUSE this host has none
        yield found
    finally:
        found.close()


@pytest.fixture(scope="module")
def s3(farm, tmp_path_factory):
    """A store that speaks S3, with one object."""
    log = tmp_path_factory.mktemp("s3") / "log"
    url = f"http://{farm.address}:5999"
    words = [sys.executable, "-m", "moto.server", "-H", farm.address, "-p", "5999"]
    with log.open("wb") as stream, subprocess.Popen(words, stdout=stream, stderr=stream) as server:
        end = time.monotonic() + 60
        while not _answers(url):
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        store = Store(url)
        store.put("in/word", b"first\n")
        yield store
        server.terminate()


def _answers(url):
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


class Store:
    """The bucket `styx-data`, seen by its owner."""

    def __init__(self, url):
        keys = {"aws_access_key_id": BUCKET_KEY, "aws_secret_access_key": f"{BUCKET_KEY}-secret"}
        self.url = url
        self._client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)
        self._client.create_bucket(Bucket="styx-data")

    def put(self, name, body):
        self._client.put_object(Bucket="styx-data", Key=name, Body=body)

    def get(self, name):
        return self._client.get_object(Bucket="styx-data", Key=name)["Body"].read()


@pytest.fixture(scope="module")
def origin(farm, tmp_path_factory):
    """A private repository behind https; gives (server, folder)."""
    folder = tmp_path_factory.mktemp("git")
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", "program.git")
    git(folder, "clone", "--quiet", "program.git", "work")
    push(folder, "v1")
    git(folder / "work", "tag", "v1")
    git(folder / "work", "push", "--quiet", "origin", "v1")
    server = GitServer(folder, farm.address, TOKEN)
    yield server, folder
    server.close()


def git(folder, *words):
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    done = subprocess.run(["git", "-C", folder, *who, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def push(folder, text):
    work = folder / "work"
    (work / "program").write_text(f"{text}\n")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", text)
    git(work, "push", "--quiet", "origin", "HEAD:main")


@pytest.fixture(scope="module")
def disk(farm, tmp_path_factory):
    """Give a function that attaches an empty disk to the host under a name; its content is a file of this machine."""
    file = tmp_path_factory.mktemp("disk") / "disk"
    file.touch()
    os.truncate(file, 64 * 1024 * 1024)
    loop = subprocess.run(["losetup", "--find", "--show", file], capture_output=True, text=True, check=True)
    device = loop.stdout.strip()
    (node,) = farm.nodes

    def attach(name):
        number = int(device.removeprefix("/dev/loop"))
        node.run(f"sudo mknod {device} b 7 {number}; sudo mkdir -p {os.path.dirname(name)}; sudo ln -s {device} {name}")

    yield attach
    node.run("sudo umount /data", check=False)
    subprocess.run(["losetup", "--detach", device], check=True)


def attached(cloudless, disk, applying):
    """Attach the disk as soon as the cloud has made one."""
    end = time.monotonic() + 60
    while not (made := cloudless.ledger.entries("aws_ebs_volume")):
        assert time.monotonic() < end
        assert applying.poll() is None, applying.communicate()
        time.sleep(0.1)
    disk(f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{made[0].id.replace('-', '')}")


WATCH = """
while :; do
  cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -a -e '[c]anary' -e '[O]PENSSH PRIVATE' >> /root/seen
done 2> /dev/null
"""
"""Keeps what of the secrets is ever seen in an argument of a program."""


@dataclass
class Cluster:
    """A cluster of one host, and whoever made it."""

    styx: Styx
    node: farms.Node
    secrets: dict[str, str]

    def apply(self, text):
        """Apply a spec; return how many tasks changed something."""
        self.styx("apply", self.styx.spec(text, "demo.yaml"), "--yes", *self.given)
        logs = (self.styx.home / "state" / "logs" / "demo").glob("*/ansible.log")
        log = max(logs, key=lambda path: path.stat().st_mtime).read_text()
        return sum(map(int, re.findall(r"changed=(\d+)", log)))

    @property
    def given(self):
        return [word for name in self.secrets for word in ("--secret", name)]

    def run(self, *words, **options):
        return self.node.run(*words, user="ubuntu", **options)


@pytest.fixture(scope="module")
def spec(origin, s3):
    """The spec with the private repository at its branch."""
    return SPEC.format(url=f"{origin[0].url}/program.git", ref="main", s3=s3.url)


@pytest.fixture(scope="module")
def cluster(farm, cloudless_images, spec, origin, disk, tmp_path_factory):  # noqa: F811
    """The host with all that the spec asks for; what was in arguments of its programs meanwhile is in /root/seen."""
    (node,) = farm.nodes
    with (node.root / "etc/ssl/certs/ca-certificates.crt").open("a") as bundle:
        bundle.write(origin[0].certificate.read_text())
    cloudless = Cloudless(tmp_path_factory.mktemp("cloud") / "cloudless", cloudless_images)
    styx = Styx(tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("user") / "home")
    made = Cluster(styx, node, {
        "AWS_ACCESS_KEY_ID": BUCKET_KEY, "AWS_SECRET_ACCESS_KEY": f"{BUCKET_KEY}-secret", "GIT_TOKEN": TOKEN,
        "GIT_SSH_KEY": farm.key.read_text(),
    })  # fmt: skip
    styx.extra = {**cloudless.env, "STYX_CALLER_CIDRS": f"{farm.address}/32", **made.secrets}
    file = styx.spec(spec, "demo.yaml")
    styx("render", file, *made.given)
    node.let_in(json.loads((styx.folder / "infra" / "demo" / "styx.lock.json").read_text())["public_key"], "ubuntu")
    cloudless.addresses({"demo-head": node.address})
    (node.root / "root" / "watch").write_text(WATCH)
    node.run("sudo systemd-run --quiet --unit=watch bash /root/watch")
    with styx.start("apply", file, "--yes", *made.given) as applying:
        attached(cloudless, disk, applying)
        _, said = applying.communicate(timeout=240)
    node.run("sudo systemctl stop watch")
    assert applying.returncode == 0, said
    yield made
    styx("destroy", "demo", "--yes")
    assert cloudless.ledger.entries() == []


def found_in(folder, word):
    return [path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_all_of_it_is_there_before_setup(cluster):
    assert cluster.run("cat /data/setup") == "v1\nfirst\nfirst\n"
    assert cluster.run("findmnt -n -o FSTYPE /data") == "ext4\n"


def test_no_secret_is_in_an_argument_a_log_or_the_folder(cluster):
    assert cluster.run("sudo cat /root/seen") == ""
    for word in (TOKEN, BUCKET_KEY, "OPENSSH PRIVATE"):
        assert not found_in(cluster.styx.folder, word)
        assert not found_in(cluster.styx.home / "state" / "logs", word)


def test_a_second_time_nothing_changes_and_the_roles_checks_pass(cluster, spec):
    assert cluster.apply(spec) == 0
    checks = cluster.styx.json("verify", "demo")
    assert {"buckets", "volumes", "workspace"} <= {check["role"] for check in checks}
    assert [check for check in checks if not check["passed"]] == []


def test_what_moved_comes_and_what_was_written_stays(cluster, spec, origin, s3):
    push(origin[1], "v2")
    s3.put("in/word", b"second\n")
    cluster.run("echo mine > workdir/result")
    cluster.apply(spec)
    # A mount forgets what it knows of a folder after ten seconds.
    assert cluster.run("sed -n '4p;6p' /data/setup; cat workdir/result") == "v2\nsecond\nmine\n"


def test_what_is_written_is_in_the_bucket_at_once_or_when_its_mount_ends(cluster, s3):
    cluster.run("echo straight > workdir/mounted/straight")
    assert s3.get("straight") == b"straight\n"
    cluster.run("head -c 5000000 /dev/zero > /cached/zeros; sudo systemctl stop 'styx-bucket-cached*'")
    assert s3.get("out/zeros") == bytes(5000000)


def test_over_ssh_with_a_key_at_a_tag_and_one_mount_less(cluster, farm, origin, s3):
    cluster.node.run("sudo install -d -o debian /srv/git && git init --quiet --bare /srv/git/program.git")
    remote = f"debian@{cluster.node.address}:/srv/git/program.git"  # the host itself is the server
    environment = {**os.environ, "GIT_SSH_COMMAND": " ".join(farm.ssh("debian", "")[:-1])}
    words = ["git", "-C", origin[1] / "work", "push", "--quiet", remote, "v1", "HEAD:main"]
    subprocess.run(words, check=True, env=environment)
    text = SPEC.format(url=remote, ref="v1", s3=s3.url)
    cluster.apply("\n".join(line for line in text.splitlines() if "/cached" not in line))
    assert cluster.run("head -n 1 workdir/program") == "v1\n"
    assert cluster.run("ls /etc/systemd/system").count("styx-bucket") == 1
    assert "fuse.rclone" not in cluster.run("findmnt /cached", check=False)


def test_without_any_bucket_the_last_mounts_end(cluster, spec):
    no_setup = spec.split("setup:")[0] + "styx: {ray: false}\n"
    kept = [line for line in no_setup.splitlines() if "s3://" not in line and "file_mounts" not in line]
    assert cluster.apply("\n".join(kept)) > 0
    assert "styx-bucket" not in cluster.run("ls /etc/systemd/system")
    assert "fuse.rclone" not in cluster.run("findmnt", check=False)
    assert cluster.apply("\n".join(kept)) == 0


def test_a_bucket_that_is_not_there_is_told(cluster, spec):
    file = cluster.styx.spec(spec.replace("s3://styx-data/in", "s3://no-such-bucket"), "demo.yaml")
    _, said = cluster.styx("apply", file, "--yes", *cluster.given, code=7)
    assert "demo-head: buckets : Copy the buckets' files: " in said
    assert "directory not found" in said
