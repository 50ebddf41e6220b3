"""`check`: whether the tools, and each cloud's credentials and permissions, suffice to make machines."""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from styx import clouds, paths
from styx.clouds import Cloud
from styx.clouds.readiness import Finding, one_line
from styx.errors import ToolMissingError
from styx.lifecycle import pools
from styx.run import terraform_binary
from styx.run.mask import masker
from styx.run.process import Command, Stop, Stream, run
from styx.spec.secrets import is_secret_name

TIMEOUT_S = 20.0
"""How long one cloud may take: SDKs retry for minutes on a network that drops packets."""

SSH_TOOLS = {"ssh": "apt install openssh-client", "rsync": "apt install rsync"}
"""Program that reaches machines → what installs it."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """One cloud, and what was found of it."""

    cloud: str
    """As it was named."""
    ready: bool
    findings: tuple[Finding, ...]
    """What only this cloud needs."""
    missing: tuple[Finding, ...]
    """Why it is not ready, tools included."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The programs that clouds share, and each cloud."""

    tools: tuple[Finding, ...]
    clouds: tuple[Readiness, ...]


def check_clouds(names: Sequence[str], terraform: str, timeout_s: float = TIMEOUT_S) -> Checked:
    """Look at all clouds of `names` at once; `terraform` is the setting of that name.

    One whose machines stand already may be followed by a slash and a pool. Raises UsageError for an unknown one.

    Nothing is made, and nothing is asked of anybody. What a cloud's SDK does wrong is a finding too.
    """
    records = [clouds.by_id(name.partition("/")[0]) for name in names]
    for record, name in zip(records, names, strict=True):
        if "/" in name:
            pools.hosts_of(record.id, name.partition("/")[2])
    reached = any(record.is_remote for record in records)
    tools = (_terraform(terraform), _ansible(), *(_program(name) for name in SSH_TOOLS if reached))
    stop = Stop()
    with ThreadPoolExecutor(max(len(records), 1)) as pool:
        places = zip(records, names, strict=True)
        asked = [
            pool.submit(_look, record, name.partition("/")[2], timeout_s)
            if record.pools
            else pool.submit(_ask, record, timeout_s, stop)
            for record, name in places
        ]
        try:
            found = [one.result() for one in asked]
        except BaseException:
            stop.ask()  # else the pool would wait for all of them
            raise
    judged = (_judged(*one, tools) for one in zip(names, records, found, strict=True))
    return Checked(tools, tuple(judged))


def _judged(name: str, record: Cloud, found: Sequence[Finding], tools: Sequence[Finding]) -> Readiness:
    needed = [tool for tool in tools if record.is_remote or tool.name not in SSH_TOOLS]
    missing = tuple(one for one in (*needed, *found) if one.state == "missing")
    return Readiness(name, not missing, tuple(found), missing)


def _terraform(setting: str) -> Finding:
    try:
        binary = terraform_binary.find(setting)
    except ToolMissingError as error:
        return Finding("tool", "terraform", "missing", one_line(error.message), "pip install 'styx-infra[terraform]'")
    return Finding("tool", "terraform", "ok", f"{binary.kind} {binary.version}")


def _ansible() -> Finding:
    beside = Path(sys.executable).with_name("ansible-playbook")
    path = str(beside) if beside.is_file() else shutil.which("ansible-playbook")
    if path is None:
        return Finding("tool", "ansible-playbook", "missing", "not installed", "pip install ansible-core")
    return Finding("tool", "ansible-playbook", "ok", path)


def _program(name: str) -> Finding:
    path = shutil.which(name)
    if path is None:
        return Finding("tool", name, "missing", "not on PATH", SSH_TOOLS[name])
    return Finding("tool", name, "ok", path)


def _look(record: Cloud, name: str, timeout_s: float) -> list[Finding]:
    """Look at the hosts of pool `name`, of all pools for none, and return what is found of each."""
    from styx.lifecycle.pool_findings import findings

    known = pools.pools_of(record.id)
    if not known:
        mend = f"name your hosts in {paths.config() / 'pools.yaml'}: see docs/pools.md"
        return [Finding("host", "pools", "missing", "there are none", mend)]
    hosts = known[name] if name else tuple(host for pool in known.values() for host in pool)
    return [finding for seen in pools.look(hosts, timeout_s=timeout_s) for finding in findings(seen)]


def _ask(record: Cloud, timeout_s: float, stop: Stop) -> list[Finding]:
    """Run the cloud's own check in a process, and return its findings, with one more when it did not end well."""
    if record.embedded:
        return [Finding("credentials", "account", "ok", "none needed")]
    found: list[Finding] = []
    mask = masker(value for name, value in os.environ.items() if is_secret_name(name))

    def keep(stream: Stream, line: str) -> None:
        if stream == "stdout" and line.startswith('{"subject": '):
            one = Finding(**json.loads(line))
            found.append(replace(one, name=mask(one.name), said=mask(one.said), mend=mask(one.mend)))

    # -P: a file google.py in the user's folder is not Google's library.
    argv = (sys.executable, "-P", "-m", "styx.clouds.ask", record.id)
    outcome = run(Command(argv, Path.cwd(), os.environ, timeout_s, grace_s=1), keep, stop)
    if outcome.stopped == "timeout":
        mend = f"look at the network and at HTTPS_PROXY, or: styx check {record.id} --timeout 60"
        found.append(Finding("network", record.title, "missing", f"did not answer in {timeout_s:g} s", mend))
    elif outcome.code:
        mend = f"see what it says: {sys.executable} -m styx.clouds.ask {record.id}"
        found.append(Finding("library", "the check itself", "missing", f"ended with code {outcome.code}", mend))
    return found
