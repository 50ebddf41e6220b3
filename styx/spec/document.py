"""YAML text as plain values that remember where they stand, read within strict limits and without recursion."""

from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from styx.errors import Fault, SpecError
from styx.spec.scalars import resolve

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 256 * 1024
MAX_DEPTH = 50

Path = tuple[str | int, ...]
"""The keys and list positions that lead to a value."""


@dataclass(slots=True)
class Document:
    """One YAML document."""

    file: str
    value: Any = None
    """None, bool, int, float, str, list or dict (with text keys)."""
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Where the key of each mapping entry stands: line and column, 1-based."""
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Where each value stands."""
    written: dict[Path, str] = field(default_factory=dict)
    """The text of each plain scalar, as it stands in the file."""
    blocks: set[Path] = field(default_factory=set)
    """The paths of mappings and lists that hold something."""
    renamed: dict[Path, Path] = field(default_factory=dict)
    """Paths whose last key was changed after reading → the paths in the text."""

    def locate(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Return line and column of the value (or the key) at `path`, or of its nearest ancestor that exists."""
        path = self.original(path)
        near = self.nearest(path)
        above = len(near) < len(path) and near in self.blocks
        own_key = key or above or self.written.get(near) == ""
        return (own_key and self.keys.get(near)) or self.values.get(near, (1, 1))

    def original(self, path: Path) -> Path:
        """Return `path` with the keys that stand in the text."""
        here: Path = ()
        for part in path:
            here = self.renamed.get((*here, part), (*here, part))
        return here

    def nearest(self, path: Path) -> Path:
        """Return `path`, or its nearest ancestor that exists."""
        return next((path[:length] for length in range(len(path), 0, -1) if path[:length] in self.values), ())

    def stands_for(self, path: Path) -> Path:
        """Return the path of the scalar that is short for the block at `path`; `path` itself when it is no such."""
        near = self.nearest(path)
        return path if near in self.blocks else near

    def fault(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Fault:
        """Return a fault at `path`."""
        line, column = self.locate(path, key=key)
        return Fault(self.file, line, column, show(self.original(path)), message, hint)


def show(path: Path) -> str:
    """Return `path` as people write it: `resources.any_of[0].cpus`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def parse(text: str, file: str) -> Document:
    """Read exactly one document; raise SpecError with every fault of the YAML."""
    documents, faults = parse_all(text, file)
    if len(documents) > 1:
        faults = [*faults, documents[1].fault((), "a second document is not expected here", "remove it")]
    if faults:
        raise SpecError(faults)
    return documents[0] if documents else Document(file)


def parse_all(text: str, file: str) -> tuple[list[Document], list[Fault]]:
    """Read every document of `text`; faults that leave the rest readable are returned beside the documents."""
    import yaml

    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return [], [
            Fault(file, 1, 1, "", f"the file is larger than {MAX_BYTES // 1024} KiB", "put data in a file mount")
        ]
    reader = _Reader(file)
    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for event in yaml.parse(text.removeprefix("\ufeff"), Loader=loader):
            reader.read(event)
    except _StopError:
        del reader.documents[-1]
    except yaml.YAMLError as error:
        reader.faults.append(_unreadable(error, text, file))
        del reader.documents[-1:]  # half a document would be judged by what it lacks
    return reader.documents, reader.faults


def _unreadable(error: "yaml.YAMLError", text: str, file: str) -> Fault:
    """Return the one fault of text that is not YAML."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        problem = getattr(error, "problem", None) or "it is not YAML"
        hint = "indent with spaces, not tabs" if "cannot start any token" in problem else "look at this line and above"
        return Fault(file, mark.line + 1, mark.column + 1, "", f"the YAML cannot be read: {problem}", hint)
    bad = getattr(error, "character", 0)
    code = bad if isinstance(bad, int) else ord(bad)
    before = "".join(takewhile(lambda letter: ord(letter) != code, text))
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Fault(file, line, column, "", f"the control character U+{code:04X} is not allowed", "remove it")


class _StopError(Exception):
    """What follows cannot be read."""


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    path: Path
    value: dict[str, Any] | list[Any]
    key: str | None = None
    """The key whose value comes next; None when a key comes next."""


@dataclass(slots=True)
class _Reader:
    """Builds documents from parser events, with a stack of its own: hostile nesting cannot exhaust Python's."""

    file: str
    documents: list[Document] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)

    def read(self, event: "yaml.Event") -> None:
        """Take one event of PyYAML's parser."""
        import yaml

        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents.append(Document(self.file))

    def _open(self, event: "yaml.CollectionStartEvent", value: dict[str, Any] | list[Any]) -> None:
        if self._expects_key():
            self._fault(event, "a key must be text, not a block", "quote it if it is meant as text")
            raise _StopError
        path = self._path()
        self._refuse_marks(event, path)
        self._place(event, path, value)
        self.stack.append(_Open(path, value))
        if len(self.stack) > MAX_DEPTH:
            self._fault(event, f"blocks are nested more than {MAX_DEPTH} deep", "flatten the file")
            raise _StopError

    def _alias(self, event: "yaml.AliasEvent") -> None:
        self._fault(event, f"the alias `*{event.anchor}` is not allowed", "write the value out")
        if self._expects_key():
            self.stack[-1].key = f"*{event.anchor}"
        else:
            self._place(event, self._path(), None)

    def _scalar(self, event: "yaml.ScalarEvent") -> None:
        if "\x00" in event.value:
            self._fault(event, "a NUL character is not allowed in any value", "remove it")
        if self._expects_key():
            self._key(event)
            return
        path = self._path()
        self._refuse_marks(event, path)
        plain = event.style in (None, "") and event.tag is None
        if plain:
            self.documents[-1].written[path] = event.value
        self._place(event, path, resolve(event.value) if plain else event.value)

    def _key(self, event: "yaml.ScalarEvent") -> None:
        holder = self.stack[-1]
        document = self.documents[-1]
        path = (*holder.path, event.value)
        if path in document.keys:
            first = document.keys[path][0]
            message = f"the key `{event.value}` is given twice, first on line {first}"
            self._fault(event, message, "keep one of the two", show(path))
        self._refuse_marks(event, path)
        document.keys.setdefault(path, _place(event))
        holder.key = event.value

    def _expects_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def _path(self) -> Path:
        """Return the path of the value that comes now."""
        if not self.stack:
            return ()
        holder = self.stack[-1]
        return (*holder.path, len(holder.value) if isinstance(holder.value, list) else holder.key or "")

    def _place(self, event: "yaml.Event", path: Path, value: object) -> None:
        """Put `value` where it belongs, and remember where it stands."""
        self.documents[-1].values[path] = _place(event)
        self.documents[-1].blocks.add(path[:-1])
        if not self.stack:
            self.documents[-1].value = value
        elif isinstance(holder := self.stack[-1].value, list):
            holder.append(value)
        else:
            holder[self.stack[-1].key or ""] = value
            self.stack[-1].key = None

    def _refuse_marks(self, event: "yaml.ScalarEvent | yaml.CollectionStartEvent", path: Path) -> None:
        if event.anchor:
            self._fault(
                event, f"the anchor `&{event.anchor}` is not allowed", "write the value where it is used", show(path)
            )
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._fault(event, f"the YAML tag `{tag}` is not allowed", "remove it", show(path))

    def _fault(self, event: "yaml.Event", message: str, hint: str, path: str | None = None) -> None:
        line, column = _place(event)
        self.faults.append(Fault(self.file, line, column, show(self._path()) if path is None else path, message, hint))


def _place(event: "yaml.Event") -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
