"""Values as YAML that Ansible never evaluates: texts are marked `!unsafe`, so that `{{ … }}` stays literal."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import yaml


def dump(values: Mapping[str, object]) -> str:
    """Return `values` as YAML, keys in the given order; Ansible reads every text below them back byte for byte."""
    import yaml

    endless = float("inf")
    text: str = yaml.dump(dict(values), Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=endless)
    return text


@cache
def _dumper() -> "type[yaml.SafeDumper]":
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes texts as `!unsafe`, keys plain, and no aliases."""

        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # the base class's signature
            return True

        def represent_mapping(self, tag: str, mapping: object, flow_style: bool | None = None) -> yaml.MappingNode:
            node = super().represent_mapping(tag, mapping, flow_style)  # type: ignore[arg-type]
            for key, _ in node.value:
                key.tag, key.style = "tag:yaml.org,2002:str", None
            return node

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        # In a block YAML takes three more characters for line ends, and reads them back as plain ones.
        style = "|" if "\n" in value and not set(value) & set("\x85\u2028\u2029") else '"'
        plain = dumper.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
        if plain != "tag:yaml.org,2002:str":
            # Ansible reads the text of an `!unsafe` scalar once more: "no" becomes false, "" null. None of these
            # can hold a template, so a quoted string is as safe.
            return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"')
        return dumper.represent_scalar("!unsafe", value, style=style)

    Dumper.add_representer(str, text)
    return Dumper
