"""What data sources answer: rows of the provider's table, rows that a test hands in, and what exists in the ledger."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from tests.cloudless.faults import RefusedError
from tests.cloudless.world import World

Row = dict[str, Any]


class Lookups:
    """Finds what a data source asks for."""

    def __init__(self, world: World, facts: dict[str, Any]):
        self._world = world
        self._rows: dict[str, list[Row]] = facts.get("rows", {})
        self._plurals: dict[str, dict[str, str]] = facts.get("plural", {})
        self._texts: dict[str, str] = facts.get("not_found", {})

    def answer(self, kind: str, config: Row) -> Row:
        """Return what is found, {} for a data source that looks nothing up; raises RefusedError where nothing fits."""
        if kind in self._plurals:
            plural = self._plurals[kind]
            found = [row for row in self._known(plural["of"]) if _fits(row, config)]
            return {name: [row.get(source) for row in found] for name, source in plural.items() if name != "of"}
        rows = list(self._known(kind))
        if not rows and kind not in self._rows and not self._is_missing(kind, config):
            return {}
        found = [row for row in rows if _fits(row, config)]
        if not found:
            raise RefusedError(self._texts.get(kind, f"no matching {kind} found").replace("<config>", _told(config)))
        if len(found) > 1 and not config.get("most_recent"):
            found = _latest_versions(found)
        if len(found) > 1 and not config.get("most_recent"):
            raise RefusedError(f"multiple {kind} matched; use additional constraints to reduce matches to a single one")
        return max(found, key=lambda row: str(row.get("creation_date", "")))

    def resource(self, identity: str) -> Row | None:
        """Return what exists under an id or link, made by terraform or there before it."""
        entry = self._world.ledger.find(identity)
        if entry:
            return entry.attributes
        rows = (row for kind in self._rows for row in self._known(kind))
        return next((row for row in rows if identity in (row.get("id"), row.get("self_link"))), None)

    def meant(self, kind: str, reference: str) -> list[str]:
        """Return the links of what Google can mean by a name, a family or a link that ends in one, newest first."""
        last = reference.rpartition("/")[2]
        rows = [row for row in self._known(kind) if last in (row.get("name"), row.get("family"))]
        return [row["self_link"] for row in sorted(rows, key=lambda row: str(row.get("_version", "")), reverse=True)]

    def _known(self, kind: str) -> Iterator[Row]:
        handed_in = self._world.read("lookups").get(kind, [])
        existing = [entry.attributes for entry in self._world.ledger.entries(kind)]
        for row in [*handed_in, *self._rows.get(kind, []), *existing]:
            if not self._is_missing(kind, row):
                yield row

    def _is_missing(self, kind: str, row: Row) -> bool:
        missing = self._world.read("missing").get(kind, [])
        return any(all(_equal(row.get(name), value) for name, value in pattern.items()) for pattern in missing)


def _fits(row: Row, config: Row) -> bool:
    """Say whether a row is what a configuration asks for; what a row says nothing of is not compared."""
    for name, value in config.items():
        if name == "filter" and isinstance(value, list):  # Google's is a text, which the rows answer as they are
            if not all(_passes(row, each["name"], each["values"]) for each in value):
                return False
        elif name == "name_regex":
            if value and not re.search(value, row["name"]):
                return False
        elif value not in (None, "", [], {}) and not _agrees(row, name, value):
            return False
    return True


def _agrees(row: Row, name: str, value: Any) -> bool:
    known = row.get(f"_{name}", row.get(name))
    if known in (None, ""):
        return True
    if isinstance(value, list):
        return not set(map(str, value)).isdisjoint(map(str, known if isinstance(known, list) else [known]))
    if isinstance(value, dict):
        return all(known.get(key) == each for key, each in value.items())
    return value in known if isinstance(known, list) else _equal(known, value)


def _equal(known: Any, asked: Any) -> bool:
    if isinstance(known, str) and isinstance(asked, str):
        return fnmatchcase(known, asked)
    return bool(known == asked)


def _passes(row: Row, name: str, patterns: list[str]) -> bool:
    """Say whether a row passes an AWS filter: `tag:Name`, else a name whose dashes are our underscores."""
    tag = name.removeprefix("tag:")
    known = (row.get("tags") or {}).get(tag) if tag != name else row.get(name.replace("-", "_"))
    text = str(known).lower() if isinstance(known, bool) else str(known)
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _latest_versions(rows: list[Row]) -> list[Row]:
    """Return the newest of what is published again and again under one name (a family, a SKU)."""
    if all("_version" in row for row in rows):
        return [max(rows, key=lambda row: row["_version"])]
    return rows


def _told(config: Row) -> str:
    return json.dumps({name: value for name, value in config.items() if value not in (None, [], "")}, sort_keys=True)


def policy_document(config: Row) -> str:
    """Return the JSON of an aws_iam_policy_document."""
    statements = [_statement(each) for each in config.get("statement") or []]
    return json.dumps({"Version": config.get("version") or "2012-10-17", "Statement": statements}, indent=2)


def _statement(block: Row) -> Row:
    found: Row = {"Effect": block.get("effect") or "Allow"}
    if block.get("sid"):
        found["Sid"] = block["sid"]
    for word, name in (("Action", "actions"), ("Resource", "resources"), ("NotAction", "not_actions")):
        if block.get(name):
            found[word] = _one_or_all(block[name])
    principals = {each["type"]: _one_or_all(each["identifiers"]) for each in block.get("principals") or []}
    if principals:
        found["Principal"] = principals
    conditions: dict[str, Row] = {}
    for each in block.get("condition") or []:
        conditions.setdefault(each["test"], {})[each["variable"]] = _one_or_all(each["values"])
    return found | ({"Condition": conditions} if conditions else {})


def _one_or_all(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else sorted(values, reverse=True)
