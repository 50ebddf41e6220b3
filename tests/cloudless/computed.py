"""What a cloud makes up for a new resource: ids, addresses, links, by the templates in a provider's facts.

A template is text with `{alternative|alternative}`; the first that says anything is taken. An alternative is
`condition&term`, and a term one of:

    subnet_id               what the resource itself, else the provider's configuration, else the constants have there
    subnet_id>cidr_block    what the resource with that id (or link) has there
    'text'                  itself
    hex:17  digits:4  uuid  made up
    private_address  public_address    the next free one, or the one that the test hands in for the machine

A table with `_if` is null where that says nothing.
"""

import re
import secrets
import uuid
from collections.abc import Callable
from typing import Any

from tests.cloudless.ledger import Entry
from tests.cloudless.values import Path, at, empty, fitted, is_unknown, type_of
from tests.cloudless.world import World

Find = Callable[[str], dict[str, Any] | None]
"""Id or link of a resource → its attributes."""

_EXPRESSION = re.compile(r"\{([^{}]+)\}")
_DIGITS = "0123456789"
_ANYWHERE = "10.0.0.0/16"

Templates = dict[str, Any]


class Maker:
    """Completes one resource, or the answer of one data source."""

    def __init__(self, world: World, find: Find, templates: Templates, backgrounds: list[dict], own: dict):
        self._find = find
        self._templates = templates
        self._backgrounds = backgrounds
        self._own = own
        self._made: dict[Path, Any] = {}
        self._words: dict[str, Callable[[str], str]] = {
            "hex": lambda length: secrets.token_hex(int(length))[: int(length)],
            "digits": lambda length: "".join(secrets.choice(_DIGITS) for _ in range(int(length))),
            "uuid": lambda _: str(uuid.uuid4()),
            "private_address": lambda _: world.private_address(self.name, self._network()),
            "public_address": lambda _: world.public_address(self.name),
        }

    @property
    def name(self) -> str:
        """What a person would call the resource."""
        known = {key: value for key, value in self._own.items() if not is_unknown(value)}
        return str(self.rendered(self._templates["_name"]) if "_name" in self._templates else Entry("", "", known).name)

    def value(self, attribute: dict, path: Path) -> Any:
        """Return a value for a computed attribute at this place."""
        kind, made = type_of(attribute), self._made_up(path)
        return empty(kind) if made in (None, "") else fitted(kind, made)

    def _made_up(self, path: Path) -> Any:
        if path not in self._made:
            self._made[path] = None  # where a template asks for itself, the backgrounds answer
            template = self._templates.get(".".join(step for step in path if isinstance(step, str)))
            if template is not None:
                self._made[path] = self.rendered(template)
            elif path == ("id",):
                self._made[path] = secrets.token_hex(8)
        return self._made[path]

    def rendered(self, template: Any) -> Any:
        """Return a template, or a table or list of them, with its expressions evaluated."""
        if isinstance(template, dict):
            if not self.rendered(template.get("_if", True)):
                return None
            return {name: self.rendered(each) for name, each in template.items() if name != "_if"}
        if isinstance(template, list):
            return [self.rendered(each) for each in template]
        if not isinstance(template, str):
            return template
        whole = _EXPRESSION.fullmatch(template)
        if whole:
            return self._evaluated(whole[1])
        return _EXPRESSION.sub(lambda found: str(self._evaluated(found[1])), template)

    def _evaluated(self, expression: str) -> Any:
        value = ""
        for alternative in expression.split("|"):
            *conditions, term = alternative.split("&")
            if all(self._term(condition) for condition in conditions):
                value = self._term(term)
                if value not in (None, ""):
                    return value
        return value if value is not None else ""

    def _term(self, term: str) -> Any:
        if term.startswith("'"):
            return term.strip("'")
        word, _, argument = term.partition(":")
        if word in self._words:
            return self._words[word](argument)
        first, *further = term.split(">")
        value = self._known(first)
        for path in further:
            found = self._find(str(value)) if value else None
            value = self.rendered(at(found, path))
        return value

    def _known(self, path: str) -> Any:
        value = at(self._own, path)
        steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
        if value is None or is_unknown(value):
            value = self._made_up(steps)
        for background in self._backgrounds:
            if value in (None, "") or is_unknown(value):
                value = at(background, path)
        return None if is_unknown(value) else value

    def _network(self) -> str:
        return str(self.rendered(self._templates.get("_network", "")) or _ANYWHERE)
