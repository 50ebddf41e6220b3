"""The provider that terraform talks to: one method for each question of the protocol."""

import os
import threading
from collections.abc import Iterable
from typing import Any

from tests.cloudless import lookups, rules, values
from tests.cloudless.computed import Maker
from tests.cloudless.faults import Faults, RefusedError
from tests.cloudless.lookups import Lookups
from tests.cloudless.protocol import ERROR
from tests.cloudless.values import UNKNOWN, at, complete, fitted, has_unknown, pack, type_of, unpack
from tests.cloudless.world import World

Answer = dict[str, Any]


class Provider:
    """One cloud's resources, made of its schema and its facts, in a world."""

    def __init__(self, name: str, schema: dict, facts: dict[str, Any], world: World):
        self.stopping = threading.Event()
        self._name = name
        self._resources: dict[str, dict] = schema.get("resource_schemas", {})
        self._data: dict[str, dict] = schema.get("data_source_schemas", {})
        self._facts = facts
        self._world = world
        self._faults = Faults(world, facts["faults"], self.stopping)
        self._lookups = Lookups(world, facts["lookups"])
        self._config: dict[str, Any] = {}

    def validate_provider(self, request: Any) -> Answer:
        return {"diagnostics": _wrong(rules.refusals(self._rules("provider"), unpack(request.config.msgpack)))}

    def configure(self, request: Any) -> Answer:
        config = unpack(request.config.msgpack) or {}
        for name, variables in self._rules("provider").get("environment", {}).items():
            given = [os.environ[variable] for variable in variables.split() if os.environ.get(variable)]
            config[name] = config.get(name) or next(iter(given), None)
        self._config = config
        for name, text in self._rules("provider").get("required", {}).items():
            if not config.get(name):
                return {"diagnostics": _refused(text)}
        return self._answered({}, "configure", self._name, "")

    def stop(self, request: Any) -> Answer:
        self.stopping.set()
        return {}

    def validate_resource(self, request: Any) -> Answer:
        config = unpack(request.config.msgpack)
        found = [*rules.refusals(self._rules("every"), config), *rules.refusals(self._rules(request.type_name), config)]
        return {"diagnostics": _wrong(found)}

    def validate_data(self, request: Any) -> Answer:
        return {}

    def upgrade(self, request: Any) -> Answer:
        return {"upgraded_state": {"json": request.raw_state.json}}

    def read(self, request: Any) -> Answer:
        known = unpack(request.current_state.msgpack)
        kind, own = request.type_name, self._rules(request.type_name)
        entry = self._world.ledger.get(kind, known["id"])
        if entry is None and "gone" in own:
            text = own["gone"].replace("<id>", known["id"])
            return {"new_state": request.current_state, "diagnostics": _refused(text)}
        state = _read(entry.attributes, known, own.get("read", {})) if entry else None
        answer = {"new_state": pack(state), "private": request.private}
        return self._answered(answer, "read", kind, entry.name if entry else "")

    def plan(self, request: Any) -> Answer:
        prior, proposed = unpack(request.prior_state.msgpack), unpack(request.proposed_new_state.msgpack)
        if proposed is None:
            return {"planned_state": pack(None), "planned_private": request.prior_private}
        block = self._resources[request.type_name]["block"]
        planned = values.planned(block, prior, proposed)
        planned |= self._merged(planned, unpack(request.config.msgpack))
        replaced = []
        if prior is not None:
            planned = self._linked(request.type_name, planned, prior)
            replaced = rules.replacing(self._rules(request.type_name), block, prior, planned)
        answer = {
            "planned_state": pack(planned),
            "planned_private": request.prior_private,
            "requires_replace": [{"steps": [_step(step) for step in path]} for path in replaced],
        }
        return self._answered(answer, "plan", request.type_name, self._maker(request.type_name, planned).name)

    def apply(self, request: Any) -> Answer:
        prior, planned = unpack(request.prior_state.msgpack), unpack(request.planned_state.msgpack)
        try:
            if planned is None:
                state = self._delete(request.type_name, prior)
            elif prior is None:
                return self._create(request.type_name, planned)
            else:
                state = self._update(request.type_name, prior, planned)
        except RefusedError as refused:
            return {"new_state": pack(prior), "diagnostics": _refused(str(refused))}
        return {"new_state": pack(state)}

    def bring_in(self, request: Any) -> Answer:
        entry = self._world.ledger.get(request.type_name, request.id)
        if entry is None:
            return {"diagnostics": _refused(f"Cannot import non-existent remote object: {request.id}")}
        return {"imported_resources": [{"type_name": request.type_name, "state": pack(entry.attributes)}]}

    def look_up(self, request: Any) -> Answer:
        config = unpack(request.config.msgpack)
        kind, block = request.type_name, self._data[request.type_name]["block"]
        try:
            self._faults.before("read", f"data.{kind}", str(config.get("name") or ""), {})
            found = self._lookups.answer(kind, config)
        except RefusedError as refused:
            return {"diagnostics": _refused(str(refused))}
        maker = self._maker(
            f"data.{kind}", config | {name: value for name, value in found.items() if value is not None}
        )
        state = complete(block, config, maker.value)
        if kind == "aws_iam_policy_document":
            found = {"json": lookups.policy_document(config)}
        for name, value in found.items():
            if name in block["attributes"] and config.get(name) is None:
                state[name] = fitted(type_of(block["attributes"][name]), maker.rendered(value))
        return {"state": pack(state)}

    def _create(self, kind: str, planned: dict) -> Answer:
        maker = self._maker(kind, planned)
        self._faults.before("create", kind, maker.name, _facts(planned, self._config))
        made = self._linked(kind, complete(self._resources[kind]["block"], planned, maker.value, null=False))
        if not made["id"]:
            raise RefusedError(f"tests/cloudless does not know what the id of a {kind} is like")
        if self._world.ledger.get(kind, made["id"]):
            raise RefusedError(self._facts["faults"]["exists"].replace("<id>", made["id"]))
        self._world.ledger.put(kind, made["id"], made)
        self._world.note(call="create", type=kind, id=made["id"], name=maker.name)
        try:
            self._faults.after_create(kind, maker.name)
        except RefusedError as refused:  # it exists, so that terraform keeps it as tainted
            return {"new_state": pack(made), "diagnostics": _refused(str(refused))}
        # What a name means is not what was planned; Terraform allows that only to providers of the older kind.
        return {"new_state": pack(made), "legacy_type_system": "resolved" in self._rules(kind)}

    def _update(self, kind: str, prior: dict, planned: dict) -> dict:
        if "no_update" in self._rules(kind):
            raise RefusedError(self._rules(kind)["no_update"])
        maker = self._maker(kind, planned)
        self._faults.before("update", kind, maker.name, _facts(planned, self._config))
        if self._world.ledger.get(kind, prior["id"]) is None:
            raise RefusedError(f"{prior['id']} was not found")
        changed = complete(self._resources[kind]["block"], planned, maker.value, null=False)
        self._world.ledger.put(kind, prior["id"], changed)
        self._world.note(call="update", type=kind, id=prior["id"], name=maker.name)
        return changed

    def _delete(self, kind: str, prior: dict) -> None:
        name = self._maker(kind, prior).name
        self._faults.before("delete", kind, name, _facts(prior, self._config))
        self._world.ledger.remove(kind, prior["id"])
        self._world.note(call="delete", type=kind, id=prior["id"], name=name)

    def _rules(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = self._facts["rules"].get(kind, {})
        return found

    def _maker(self, kind: str, own: dict) -> Maker:
        computed = self._facts["computed"]
        templates = {**computed.get("every", {}), **computed.get(kind, {})}
        return Maker(self._world, self._lookups.resource, templates, [self._config, computed.get("constants", {})], own)

    def _merged(self, planned: dict, config: dict) -> dict:
        """Return the attributes that unite the provider's tags or labels with the resource's own, as far as known."""
        found = {}
        for name, source in self._facts["computed"].get("merged", {}).items():
            if name in planned and config.get(name) is None:
                defaults, own = at(self._config, source["defaults"]) or {}, planned.get(source["own"]) or {}
                united = UNKNOWN if has_unknown(own) else {**source.get("always", {}), **defaults, **own}
                found[name] = united
        return found

    def _linked(self, kind: str, resource: dict, standing: dict | None = None) -> dict:
        """Return a resource with the link of what each name in it means: what stands keeps what it was made with."""
        for place, looked_up in self._rules(kind).get("resolved", {}).items():
            kept = list(rules.found(standing, place))

            def link(named: Any, looked_up: str = looked_up, kept: list[Any] = kept) -> Any:
                meant = self._lookups.meant(looked_up, named) if isinstance(named, str) else []
                return next((one for one in meant if one in kept or standing is None), named)

            resource = values.changed_at(resource, place, link)
        return resource

    def _answered(self, answer: Answer, on: str, kind: str, name: str) -> Answer:
        try:
            self._faults.before(on, kind, name, {})
        except RefusedError as refused:
            return answer | {"diagnostics": _refused(str(refused))}
        return answer


def _read(existing: dict, known: dict, told: dict) -> dict:
    """Return what exists, in the shape that terraform knows; `told` is said of what is null."""
    found = {name: existing.get(name) for name in known}
    return found | {name: value for name, value in told.items() if found[name] is None}


def _step(step: str | int) -> dict[str, Any]:
    return {"element_key_int": step} if isinstance(step, int) else {"attribute_name": step}


def _refused(text: str) -> list[Answer]:
    """Return the diagnostic of a text: its summary, and its detail where that stands after a line of dashes."""
    summary, _, detail = text.partition("\n---\n")
    return [{"severity": ERROR, "summary": summary, "detail": detail}]


def _wrong(found: Iterable[tuple[str, str]]) -> list[Answer]:
    return [
        {"severity": ERROR, "summary": text, "attribute": {"steps": [_step(place.partition(".")[0])]}}
        for place, text in found
    ]


def _facts(attributes: dict, config: dict) -> dict[str, Any]:
    """Return what a cloud's words may name: the resource's own plain values, else the provider's."""
    plain = (str, int, float)
    return {
        name: value for source in (config, attributes) for name, value in source.items() if isinstance(value, plain)
    }
