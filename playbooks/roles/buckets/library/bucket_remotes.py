"""Ansible module: what rclone needs to know to reach buckets, and where each of them comes to."""

import hashlib
import os
import re
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: bucket_remotes
short_description: The configuration of rclone for buckets
description:
  - Writes rclone's configuration (0600) for the stores of some buckets.
  - Returns of each bucket what rclone calls it, and its path and unit on the machine.
options:
  mounts:
    description: The buckets, each with target, source and mode.
    type: list
    elements: dict
    required: true
  home:
    description: The home folder.
    type: path
    required: true
  region:
    description: Where the cloud's own buckets are, when no setting says it.
    type: str
    default: ""
  settings:
    description: What the stores are reached with, by the names of environment variables.
    type: dict
    default: {}
  secrets:
    description: More of them, never shown.
    type: dict
    default: {}
"""

AZURE = re.compile(r"https://([a-z0-9]+)\.blob\.core\.windows\.net/(.+)")
URI = re.compile(r"([a-z0-9]+)://(.+)")


class UnfitError(Exception):
    """A source that cannot be reached as asked; the text says why."""


def s3(said, region, _account):
    key, endpoint = said.get("AWS_ACCESS_KEY_ID", ""), said.get("AWS_ENDPOINT_URL", "")
    return {
        "type": "s3",
        "provider": "Other" if endpoint else "AWS",
        "env_auth": "false" if key else "true",
        "access_key_id": key,
        "secret_access_key": said.get("AWS_SECRET_ACCESS_KEY", ""),
        "session_token": said.get("AWS_SESSION_TOKEN", ""),
        "region": said.get("AWS_REGION") or region,
        "endpoint": endpoint,
        "no_check_bucket": "true",
    }


def gs(said, _region, _account):
    key = said.get("GOOGLE_CREDENTIALS", "")
    return {
        "type": "google cloud storage",
        "env_auth": "false" if key else "true",
        "service_account_credentials": " ".join(key.split("\n")),
        "bucket_policy_only": "true",
        "no_check_bucket": "true",
    }


def az(said, _region, account):
    key, sas = said.get("AZURE_STORAGE_KEY", ""), said.get("AZURE_STORAGE_SAS_TOKEN", "")
    return {
        "type": "azureblob",
        "account": account,
        "key": key,
        "sas_url": f"https://{account}.blob.core.windows.net/?{sas.removeprefix('?')}" if sas else "",
        "use_msi": "false" if key or sas else "true",
    }


def r2(said, _region, _account):
    account = needed(said, "R2_ACCOUNT_ID")
    return {
        "type": "s3",
        "provider": "Cloudflare",
        "access_key_id": needed(said, "R2_ACCESS_KEY_ID"),
        "secret_access_key": needed(said, "R2_SECRET_ACCESS_KEY"),
        "region": "auto",
        "endpoint": f"https://{account}.r2.cloudflarestorage.com",
        "no_check_bucket": "true",
    }


def nebius(said, region, _account):
    region = said.get("NEBIUS_REGION") or region
    if not region:
        raise UnfitError("nebius://: give NEBIUS_REGION, where the bucket is")
    return {
        "type": "s3",
        "provider": "Other",
        "access_key_id": needed(said, "NEBIUS_ACCESS_KEY_ID"),
        "secret_access_key": needed(said, "NEBIUS_SECRET_ACCESS_KEY"),
        "region": region,
        "endpoint": f"https://storage.{region}.nebius.cloud",
        "no_check_bucket": "true",
    }


STORES = {"s3": s3, "gs": gs, "az": az, "r2": r2, "nebius": nebius}


def needed(said, name):
    if not said.get(name):
        raise UnfitError(f"{name.split('_')[0].lower()}://: give {name}, as a secret of the task")
    return said[name]


def parted(source, said):
    """Return a source as (store, account, bucket and path)."""
    if found := AZURE.fullmatch(source):
        return "az", found[1], found[2].rstrip("/")
    found = URI.fullmatch(source)
    if not found or found[1] not in STORES:
        raise UnfitError(f"{source} is in no store that is known here: {', '.join(STORES)}")
    account = needed(said, "AZURE_STORAGE_ACCOUNT") if found[1] == "az" else ""
    return found[1], account, found[2].rstrip("/")


def configuration(remotes):
    """Return rclone's configuration; a value with a line of its own would be more than a value."""
    text = "# Made by Styx.\n"
    for name, values in sorted(remotes.items()):
        for key, value in values.items():
            if "\n" in value or "\r" in value:
                raise UnfitError(f"the {key} of {name} is more than one line")
        text += f"\n[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items() if value)
    return text


def place(home, target):
    """Return the path of a target: below the home, below the workdir, or its own."""
    if target.startswith("~/"):
        return os.path.normpath(os.path.join(home, target[2:]))
    return os.path.normpath(os.path.join(home, "workdir", target))


def described(mount, home, remote):
    """Return a mount with all that tasks and units need of it."""
    path = place(home, mount["target"])
    short = re.sub(r"[^A-Za-z0-9]+", "-", mount["target"]).strip("-")[:40]
    unit = f"styx-bucket-{short}-{hashlib.sha256(path.encode()).hexdigest()[:6]}.service"
    return {
        "path": path,
        "in_home": path.startswith(home.rstrip("/") + "/"),
        "remote": remote,
        "unit": unit,
        "source": mount["source"],
        "mode": mount["mode"],
    }


def write(path, text):
    """Replace the file when its text or its mode differs; return whether it did."""
    if os.path.isfile(path) and os.stat(path).st_mode & 0o777 == 0o600:
        with open(path, encoding="utf-8") as stream:
            if stream.read() == text:
                return False
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.replace(temporary, path)
    return True


def main():
    module = AnsibleModule(
        argument_spec={
            "mounts": {"type": "list", "elements": "dict", "required": True},
            "home": {"type": "path", "required": True},
            "region": {"type": "str", "default": ""},
            "settings": {"type": "dict", "default": {}},
            "secrets": {"type": "dict", "default": {}, "no_log": True},
        },
        supports_check_mode=True,
    )
    os.umask(0o077)
    given, remotes, mounts = module.params, {}, []
    said = {**given["settings"], **given["secrets"]}
    try:
        for mount in given["mounts"]:
            store, account, path = parted(mount["source"], said)
            name = f"{store}-{account}" if account else store
            remotes[name] = STORES[store](said, given["region"], account)
            mounts.append(described(mount, given["home"], f"{name}:{path}"))
        text = configuration(remotes)
    except UnfitError as error:
        module.fail_json(msg=str(error))
    folder = os.path.join(given["home"], ".styx")
    if not module.check_mode:
        os.makedirs(folder, exist_ok=True)
    changed = False if module.check_mode else write(os.path.join(folder, "rclone.conf"), text)
    module.exit_json(changed=changed, mounts=mounts)


if __name__ == "__main__":
    main()
