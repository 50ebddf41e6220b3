"""What an account of Lambda still has of Styx's clusters. Nothing carries tags there: machine and key tell by name."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from styx.clouds.patience import answered
from styx.clouds.readiness import PROXY, one_line, refusal
from styx.clouds.sweep import Account, Found
from styx.errors import CredentialError

KEY = re.compile(r"(?P<cluster>.+)-[0-9a-f]{8}")
"""How the module names the key that logs in: the cluster's name, and a part of the key's digest."""

GONE = frozenset({"terminated", "preempted"})


def account(env: Mapping[str, str], url: str) -> Account:
    """Return the account of the key that Terraform's provider would use."""
    key = env.get("LAMBDALABS_API_KEY", "")
    if not key:
        raise CredentialError("LAMBDALABS_API_KEY is not set", "export LAMBDALABS_API_KEY=…")
    return _Account(key, env.get("LAMBDALABS_ENDPOINT") or f"{url}/api/v1")


class _Account:
    """One account, asked through REST."""

    def __init__(self, key: str, api: str) -> None:
        import httpx

        self._client = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=20)
        self._api = api

    def find(self, cluster: str, regions: Sequence[str]) -> Iterable[Found]:
        """Return the machines with a key of Styx's, and such keys, in all regions: one question lists them."""
        del regions
        machines = [one for row in self._rows("instances") for one in _machine(row)]
        keys = [one for row in self._rows("ssh-keys") for one in _key(row)]
        return [one for one in (*machines, *keys) if cluster in {"", one.cluster}]

    def remove(self, found: Found) -> str:
        """Ask for its end."""
        if found.kind == "machine":
            answer = self._asked("POST", "instance-operations/terminate", {"instance_ids": [found.id]})
        else:
            answer = self._asked("DELETE", f"ssh-keys/{found.id}")
        return "" if answer.status_code in {200, 204, 404} else refusal(answer)

    def _rows(self, what: str) -> list[dict[str, Any]]:
        answer = self._asked("GET", what)
        try:
            if answer.status_code == 200:
                return list(answer.json()["data"])
        except (ValueError, LookupError, TypeError):
            raise CredentialError(f"Lambda: the answer on {what} is not Lambda's", PROXY) from None
        raise CredentialError(f"Lambda does not list {what}: {refusal(answer)}", "styx check lambda")

    def _asked(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:  # noqa: ANN401
        import httpx

        try:
            return answered(lambda: self._client.request(method, f"{self._api}/{path}", json=body))
        except httpx.HTTPError as error:
            raise CredentialError(
                f"Lambda cannot be reached: {one_line(error) or type(error).__name__}", PROXY
            ) from error


def _machine(row: Mapping[str, Any]) -> Iterator[Found]:
    """Yield a machine whose key and whose own name are of one cluster."""
    name = row.get("name") or ""
    keys = [found["cluster"] for key in row.get("ssh_key_names", ()) if (found := KEY.fullmatch(key))]
    cluster = next((one for one in keys if name.startswith(f"{one}-")), "")
    if cluster and row.get("status") not in GONE:
        region = row.get("region", {}).get("name", "")
        yield Found("machine", row["id"], name, cluster, region, holds_data=True)


def _key(row: Mapping[str, Any]) -> Iterator[Found]:
    """Yield a key whose name holds its own digest; Lambda may have dropped its comment, for Styx's own the cluster."""
    found = KEY.fullmatch(row["name"])
    if found is None:
        return
    key = str(row.get("public_key", "")).strip()
    bare = " ".join(key.split()[:2])
    digests = {hashlib.sha256(one.encode()).hexdigest()[:8] for one in (key, bare, f"{bare} {found['cluster']}")}
    if row["name"].rpartition("-")[2] in digests:
        yield Found("key", row["id"], row["name"], found["cluster"])
