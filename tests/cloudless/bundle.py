"""Provider schemas read out of a prebuilt cdktf package.

Its wheel holds a bundle of generated JavaScript, and each file of that, in its source map, the TypeScript that it came
from: one comment an attribute says whether it is computed, optional or required.
"""

import base64
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_SIMPLE = {"string": "string", "number": "number", "boolean": "bool", "any": "dynamic"}
_WRAPPED = {"List": "list", "Set": "set", "Map": "map"}
_FIELDS = re.compile(r"const attrs = \{(.*?)\n? *\};|return \{\};", re.DOTALL)
_FIELD = re.compile(
    r"^ +(?P<name>\w+): \{\n +value: (?P<value>.*),\n +isBlock: (?:true|false),\n"
    r' +type: "(?P<nesting>\w+)",\n +storageClassType: "(?P<storage>\w+)",\n',
    re.MULTILINE,
)
_NESTED = re.compile(
    r"^(?:cdktf\.listMapperHcl\((?P<many>\w+)ToHclTerraform, (?P<is_block>true|false)\)|(?P<one>\w+)ToHclTerraform\()"
)
_PRESENCE = re.compile(r"// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)\n")
_MEMBER = re.compile(
    r"// (?P<name>\w+) - computed: true, optional: false, required: false\n"
    r"(?:  private \w+ = new (?P<member>[\w.]+)\(this, \"\w+\"(?:, (?P<is_set>true|false))?\);"
    r"|  public get \w+\(\) \{\n +return (?P<getter>.*?);)"
)
_GETTER_TYPES = {
    "getNumberListAttribute": ["list", "number"],
    "getListAttribute": ["list", "string"],
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
}
_MEMBER_TYPES = {
    "cdktf.StringMap": ["map", "string"],
    "cdktf.NumberMap": ["map", "number"],
    "cdktf.BooleanMap": ["map", "bool"],
    "cdktf.StringMapList": ["list", ["map", "string"]],
}


def read(wheel: Path, folders: set[str]) -> dict[str, "Source"]:
    """Return what was generated for each of these folders: a resource's, a data source's or the provider's."""
    return {folder: Source(text) for folder, text in _scripts(wheel, folders)}


def _scripts(wheel: Path, folders: set[str]) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(wheel) as archive:
        inner = next(name for name in archive.namelist() if name.endswith(".jsii.tgz"))
        with archive.open(inner) as stream, tarfile.open(fileobj=stream, mode="r|gz") as bundle:
            for member in bundle:
                folder, _, name = member.name.removeprefix("package/lib/").rpartition("/")
                if folder in folders and name == "index.js":
                    script = bundle.extractfile(member).read().decode()
                    source_map = base64.b64decode(script.rsplit("base64,", 1)[1])
                    yield folder, json.loads(source_map)["sourcesContent"][0]


@dataclass(frozen=True)
class Source:
    """The TypeScript of one resource."""

    text: str

    @cached_property
    def version(self) -> str:
        """The version of the provider that it was generated from."""
        return re.search(r"providerVersion: '([^']*)'", self.text)[1]

    def schema(self) -> dict:
        """Return it in the shape of `terraform providers schema -json`."""
        own_class = self.text[self.text.rindex("\nexport class ") :]
        fields = own_class[own_class.index("synthesizeHclAttributes()") :]
        config = re.search(r"export interface (\w+Config)\b", self.text)[1]
        return {"version": 0, "block": self._block(fields, own_class, config)}

    def _named_block(self, name: str) -> dict:
        """Return the block that a generated function `<name>ToHclTerraform` writes."""
        interface = name[0].upper() + name[1:]
        fields = self.text[self.text.index(f"export function {name}ToHclTerraform(") :]
        return self._block(fields, self._class(interface), interface)

    def _block(self, fields: str, members: str, interface: str) -> dict:
        presence = self._presence(members, interface)
        attributes, blocks = self._read_only(members), {}
        for field in _FIELD.finditer(_FIELDS.search(fields)[0]):
            name, nested = field["name"], _NESTED.match(field["value"])
            if nested is None:
                attributes[name] = {"type": _type(field["nesting"], field["storage"]), **presence[_flat(name)]}
            elif nested["is_block"] == "false":
                kind = [field["nesting"], _as_object(self._named_block(nested["many"]))]
                attributes[name] = {"type": kind, **presence[_flat(name)]}
            else:
                blocks[name] = self._nested_block(field["nesting"], nested, presence[_flat(name)])
        return {"attributes": attributes, "block_types": blocks}

    def _nested_block(self, nesting: str, nested: re.Match[str], presence: dict) -> dict:
        block = self._named_block(nested["many"] or nested["one"])
        if nesting == "struct":
            return {"nesting_mode": "single", "block": block}
        most = {"max_items": 1} if nested["one"] else {}
        least = {"min_items": 1} if "required" in presence else {}
        return {"nesting_mode": nesting, **least, **most, "block": block}

    def _presence(self, members: str, interface: str) -> dict[str, dict]:
        """Return whether each argument is computed, optional, required: the provider's own say it in an interface."""
        declared = self._body(f"interface {interface}")
        found = {
            _flat(name): {"optional": True} if mark else {"required": True}
            for name, mark in re.findall(r"^  readonly (\w+)(\??): ", declared, re.MULTILINE)
        }
        for name, *flags in _PRESENCE.findall(members):
            words = zip(("computed", "optional", "required"), flags, strict=True)
            found[_flat(name)] = {word: True for word, flag in words if flag == "true"}
        return found

    def _read_only(self, members: str) -> dict:
        found = {}
        for member in _MEMBER.finditer(members):
            is_set = member["is_set"] == "true"
            kind = self._member_type(member["member"], is_set) if member["member"] else _getter_type(member["getter"])
            found[member["name"]] = {"type": kind, "computed": True}
        return found

    def _member_type(self, name: str, is_set: bool) -> list | str:
        if name in _MEMBER_TYPES:
            return _MEMBER_TYPES[name]
        base = name.removesuffix("OutputReference").removesuffix("List")
        members = self._read_only(self._class(base))
        kind = ["object", {member: attribute["type"] for member, attribute in members.items()}]
        return ["set" if is_set else "list", kind] if name.endswith("List") else kind

    def _class(self, interface: str) -> str:
        return self._body(f"class {interface}OutputReference")

    def _body(self, declaration: str) -> str:
        found = re.search(rf"^export {declaration}\b.*?^\}}", self.text, re.DOTALL | re.MULTILINE)
        return found[0] if found else ""


def _as_object(block: dict) -> list:
    members = {name: attribute["type"] for name, attribute in block["attributes"].items()}
    for name, nested in block["block_types"].items():
        members[name] = [nested["nesting_mode"], _as_object(nested["block"])]
    return ["object", members]


def _flat(name: str) -> str:
    """Return what `custom_endpoint2x` and `customEndpoint2X` have in common."""
    return name.replace("_", "").lower()


def _type(nesting: str, storage: str) -> list | str:
    found = re.fullmatch(r"(string|number|boolean|any)(List|Map|Set)?(List|Map)?", storage)
    base = _SIMPLE[found[1]]
    if nesting == "simple":
        return base
    return [nesting, [_WRAPPED[found[2]], base] if found[3] else base]


def _getter_type(value: str) -> list | str:
    kind = next(kind for getter, kind in _GETTER_TYPES.items() if getter in value)
    return ["set", kind[1]] if "Fn.tolist" in value else kind
