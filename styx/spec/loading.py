"""Loading a spec: text, overrides, variables, judgement; every fault of every document at once."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import SecretStr, ValidationError

from styx import files
from styx.errors import Fault, SpecError
from styx.spec import document as documents
from styx.spec import expand, faults, overrides, reading, sources
from styx.spec.document import Document
from styx.spec.document import Path as Place
from styx.spec.fields import Block, Name, choice
from styx.spec.overrides import Overrides
from styx.spec.secrets import is_secret_name
from styx.spec.task import TaskSpec, contradictions, rankings

Execution = Literal["serial", "parallel"]

_NOT_YET = ("primary_tasks", "termination_delay", "inter_connection")
"""Keys of SkyPilot's header for groups of jobs."""

_AS_WRITTEN = {("envs",), ("secrets",), ("styx", "environment"), ("styx", "ray")}
"""Blocks whose numbers and booleans are taken as the text that stands in the file."""


class Header(Block):
    """The first document of a pipeline or group."""

    name: Name | None = None
    """The pipeline's name."""
    execution: Annotated[str, choice("serial", "parallel")] = "serial"
    """One task after the other, or all side by side."""


@dataclass(frozen=True)
class SpecFile:
    """A spec that was read and found right."""

    file: str
    name: str | None
    """The header's name, or that of the only task."""
    execution: Execution
    tasks: tuple[TaskSpec, ...]
    digest: str
    """SHA-256 of what was asked, overrides included and secret values left out."""
    folder: Path = field(default_factory=Path)
    """Where relative paths of the spec start."""
    documents: tuple[Document, ...] = field(default=(), repr=False)
    """The text of each task, for faults that are found later."""
    origins: tuple[dict[Place, str], ...] = field(default=(), repr=False)
    """For each task, the paths that an option of the command line set."""

    def fault(self, task: int, path: str, message: str, hint: str = "") -> Fault:
        """Return a fault at `path` of task number `task`, such as `resources.image_id`, or at its nearest ancestor."""
        document = self.documents[task]
        parts = _parts(path, document)
        if option := self.origins[task].get(parts):
            return Fault(option, 0, 0, path, message, hint)
        line, column = document.locate(parts)
        return Fault(self.file, line, column, path, message, hint)


def load(path: Path, overrides: Overrides | None = None) -> SpecFile:
    """Read the spec at `path`; raise SpecError with all faults."""
    return loads(reading.read(path), str(path), overrides, folder=path.parent)


def loads(
    text: str, file: str = "<text>", overrides: Overrides | None = None, *, folder: Path | None = None
) -> SpecFile:
    """Read a spec from `text`; local sources are checked when the `folder` that they start at is given."""
    found, wrong = documents.parse_all(text, file)
    tasks = [document for document in found if document.value is not None]
    if not tasks:
        raise SpecError(wrong or [Fault(file, 1, 1, "", "the file holds no task", "start with `styx init`")])
    header, tasks = _header(tasks, wrong)
    read = [_Task(document, overrides or Overrides()) for document in tasks]
    known = {(fault.line, fault.column) for fault in wrong}
    for task in read:
        # What the YAML refuses has no value to judge.
        wrong += [fault for fault in task.faults + task.judge(folder) if (fault.line, fault.column) not in known]
    wrong += _twice(read)
    if wrong:
        raise SpecError(
            sorted(set(wrong), key=lambda fault: (fault.line == 0, fault.line, fault.column, fault.message))
        )
    name = header.name or (read[0].spec.name if len(read) == 1 else None)
    execution = cast(Execution, header.execution)
    return SpecFile(
        file=file,
        name=name,
        execution=execution,
        tasks=tuple(task.spec for task in read),
        digest=files.sha256(_canonical([name, execution, [task.public for task in read]])),
        folder=folder or Path(),
        documents=tuple(task.document for task in read),
        origins=tuple(task.origins for task in read),
    )


class _Task:
    """One document on its way to a TaskSpec."""

    def __init__(self, document: Document, changes: Overrides) -> None:
        self.document = document
        self.faults: list[Fault] = []
        self.origins: dict[Place, str] = {}
        self.spec = TaskSpec.model_construct()
        self.public: dict[str, Any] = {}
        self.raw: dict[str, Any] = {}
        if not isinstance(document.value, dict):
            self.faults.append(document.fault((), "a task must be a block of keys", "start with `styx init`"))
            return
        _take_as_written(document)
        changed, self.origins = overrides.apply(changes, document.value)
        self.public = _public(changed)
        self.raw = expand.expand(changed, document, self.faults)

    def judge(self, folder: Path | None) -> list[Fault]:
        """Validate, keep the spec, and return every fault."""
        found: list[Fault] = []
        try:
            self.spec = TaskSpec.model_validate(self.raw)
        except ValidationError as error:
            found = faults.of(error, self.document, TaskSpec, self.origins)
            wrong_fields = {detail["loc"][0] for detail in error.errors() if detail["loc"]}
            self.spec = TaskSpec.model_validate({key: self.raw[key] for key in self.raw.keys() - wrong_fields})
        wrong = (
            rankings(self.raw)
            + contradictions(self.spec)
            + (sources.check(self.spec, folder) if folder is not None else [])
        )
        found += [self.document.fault(path, message, hint) for path, message, hint in wrong]
        return [self._renamed(fault) for fault in found]

    def _renamed(self, fault: Fault) -> Fault:
        """Let a fault in what an option gave name that option instead of a line."""
        for path, option in self.origins.items():
            shown = documents.show(path)
            if fault.path == shown or fault.path.startswith((f"{shown}.", f"{shown}[")):
                return Fault(option, 0, 0, fault.path, fault.message, fault.hint)
        return fault


def _header(tasks: list[Document], wrong: list[Fault]) -> tuple[Header, list[Document]]:
    """Split the header, when there is one, from the tasks."""
    first = tasks[0]
    keys = set(first.value) if isinstance(first.value, dict) else set()
    if not keys or not keys <= {"name", "execution", *_NOT_YET} or (keys == {"name"} and len(tasks) == 1):
        return Header(), tasks
    if len(tasks) == 1:
        wrong.append(first.fault((), "a header is followed by tasks, each after a line `---`", "add a task"))
    wrong += [
        first.fault((key,), f"{key} is not supported yet", "remove it", key=True) for key in _NOT_YET if key in keys
    ]
    known = {key: value for key, value in first.value.items() if key not in _NOT_YET}
    try:
        return Header.model_validate(known), tasks[1:]
    except ValidationError as error:
        wrong += faults.of(error, first, Header)
        return Header(), tasks[1:]


def _twice(tasks: list[_Task]) -> list[Fault]:
    """Return a fault for each name that two tasks share."""
    names = Counter(task.spec.name for task in tasks if task.spec.name)
    return [
        task.document.fault(("name",), f"two tasks are named `{task.spec.name}`", "give each its own name")
        for task in tasks
        if task.spec.name and names[task.spec.name] > 1
    ]


def _take_as_written(document: Document) -> None:
    """Give variables and versions the text that stands in the file: `1.10`, not the number 1.1."""
    for path, text in document.written.items():
        block = _block(document.value, path[:-1]) if path[:-1] in _AS_WRITTEN else {}
        value = block.get(path[-1]) if path else None
        if isinstance(value, int | float) and (path[0] != "styx" or not isinstance(value, bool)):
            block[path[-1]] = text


def _block(value: object, path: Place) -> dict[str | int, object]:
    """Return the mapping at `path`, an empty one when there is none."""
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _public(task: dict[str, Any]) -> dict[str, Any]:
    """Return `task` without any secret value."""
    public = {key: value for key, value in task.items() if value is not None}
    if isinstance(envs := task.get("envs"), dict):
        public["envs"] = {
            key: None if isinstance(value, SecretStr) or is_secret_name(key) else value for key, value in envs.items()
        }
    if isinstance(secrets := task.get("secrets"), dict):
        public["secrets"] = dict.fromkeys(secrets)
    return public


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def _parts(path: str, document: Document) -> Place:
    """Read a path as people write it; keys may hold dots, so the longest key that exists is taken."""
    parts: Place = ()
    rest = path
    while rest:
        if found := re.match(r"\[(\d+)\]", rest):
            parts, rest = (*parts, int(found[1])), rest[found.end() :]
            continue
        rest = rest.removeprefix(".")
        here = [str(known[-1]) for known in (*document.values, *document.renamed) if known[:-1] == parts and known]
        fits = [key for key in here if key and rest.startswith(key) and rest[len(key) : len(key) + 1] in ("", ".", "[")]
        key = max(fits, key=len, default="") or re.split(r"[.\[]", rest)[0] or rest
        parts, rest = (*parts, key), rest[len(key) :]
    return parts
