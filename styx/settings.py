"""Layered settings: command line, environment, the repository's styx.yaml, the user's config.yaml, defaults."""

import difflib
import ipaddress
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from styx import paths
from styx.errors import Fault, SpecError, UsageError
from styx.spec import document, reading

if TYPE_CHECKING:
    from styx.spec.policy import Policy

REPOSITORY_FILE = "styx.yaml"
USER_FILE = "config.yaml"


class _WrongError(Exception):
    """A value that a setting cannot have; the text says what it must be."""


def _text(value: object) -> str:
    if not isinstance(value, str) or any(ord(letter) < 32 for letter in value):
        raise _WrongError("must be text on one line")
    return value


def _folder(value: object) -> str:
    if not _text(value).strip():
        raise _WrongError("must name a folder")
    return _text(value)


def _spec_folders(value: object) -> tuple[tuple[str, str], ...]:
    """Read folders or files of specs: a list of them, or each with the folder that its clusters are rendered into."""
    if isinstance(value, dict):
        return tuple((_folder(source), _folder(out)) for source, out in value.items())
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise _WrongError("must be a list of folders, or a block of folder: output folder")
    return tuple((_folder(item).strip(), "") for item in items)


def _words(value: object) -> tuple[str, ...]:
    """Read a list, or words separated by commas."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise _WrongError("must be a list of names")
    return tuple(item.strip().lower() for item in items if item.strip())


def _impacts(value: object) -> tuple[str, ...]:
    """Read what changes may not do to machines that stand: the labels of styx.review.impact but `live`."""
    found = _words(value)
    if not {"restart", "replace", "data-loss"}.issuperset(found):
        raise _WrongError("must be restart, replace or data-loss, or several of them")
    return found


def _policy(value: object) -> "Policy":
    """Read a block like a spec's styx.policy."""
    from pydantic import ValidationError

    from styx.spec.policy import Policy

    try:
        return Policy.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise _WrongError("; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)) from None


def _networks(value: object) -> tuple[str, ...]:
    """Read IPv4 networks; `auto` stands for the caller's own."""
    found = []
    for word in _words(value):
        try:
            found.append(word if word == "auto" else str(ipaddress.IPv4Network(word)))
        except ValueError:
            raise _WrongError(f"must be auto or IPv4 networks such as 203.0.113.4/32, not {word}") from None
    return tuple(found)


def _seconds(value: object) -> float:
    number = _number(value)
    if not 0 <= number < math.inf:
        raise _WrongError("must be a number of seconds, 0 or more")
    return number


def _positive(value: object) -> int:
    number = _number(value)
    if number < 1 or number != int(number):
        raise _WrongError("must be a whole number above 0")
    return int(number)


def _choice(value: object) -> bool:
    """Read true or false; the environment has only text."""
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise _WrongError("must be true or false")
    return value


def _number(value: object) -> float:
    """Read a number; the environment has only text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _WrongError("must be a number")
    try:
        number = float(value)
    except ValueError:
        raise _WrongError("must be a number") from None
    if not math.isfinite(number):
        raise _WrongError("must be a number")
    return number


def _setting(default: object, read: Callable[[object], object], meaning: str) -> Any:  # noqa: ANN401 - as field() does
    return field(default=default, metadata={"read": read, "meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """What holds for every spec; each field's meaning is what `styx config` prints."""

    out: str = _setting("infra", _folder, "folder that gets one rendered folder a cluster")
    specs: tuple[tuple[str, str], ...] = _setting(
        (), _spec_folders, "folders of the repository's specs, a list or a block of folder: output folder"
    )
    clouds: tuple[str, ...] = _setting((), _words, "clouds that may be chosen; empty: those that need no account")
    terraform: str = _setting("", _text, "Terraform or OpenTofu to run; empty: found on PATH")
    lock_timeout_s: float = _setting(0.0, _seconds, "seconds to wait for another run of the same cluster")
    boot_timeout_s: float = _setting(600.0, _seconds, "seconds that a new machine may take to its first login")
    sweep: bool = _setting(True, _choice, "look for forgotten machines before any is made, and after a destroy")
    sweep_settle_s: float = _setting(
        10.0, _seconds, "seconds that what a run made before it was cut off may exist before its cloud lists it"
    )
    sweep_patience_s: float = _setting(600.0, _seconds, "seconds that a cloud may take to end what was forgotten")
    retry_wait_s: float = _setting(30.0, _seconds, "seconds before --retry-until-up tries again; doubled each time")
    parallelism: int = _setting(10, _positive, "resources that Terraform makes at once")
    forbid: tuple[str, ...] = _setting(
        (), _impacts, "what no plan may do to what stands: restart, replace, data-loss; and whatever is worse"
    )
    policy: "Policy | None" = field(
        default=None,
        metadata={"read": _policy, "meaning": "what may be used and spent, for all specs: see docs/git.md"},
    )
    caller_cidrs: tuple[str, ...] = _setting(
        ("auto",), _networks, "networks that SSH is opened to: yours; auto asks caller_address_url"
    )
    caller_address_url: str = _setting(
        "https://checkip.amazonaws.com", _text, "service that answers with the address it is asked from"
    )
    pools: str = _setting("", _text, "file of your own hosts: pools, or an Ansible inventory; empty: pools.yaml")
    price_max_age_days: int = _setting(180, _positive, "days after which a price is called old")
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Setting → where its value comes from; those at their default are left out."""

    top: Path = field(default_factory=Path, compare=False, repr=False)
    """The folder of the repository's styx.yaml, which paths in it start at; the current one when there is none."""

    def rendered_root(self, spec_file: Path) -> Path:
        """Return the folder that gets the rendered folders of a spec."""
        for source, out in self.specs:
            if out and spec_file.resolve().is_relative_to((self.top / source).resolve()):
                return self.top / out
        # An option or a variable means the folder that it is given in.
        committed = self.origin("out") == "default" or self.origin("out").startswith(str(self.top / REPOSITORY_FILE))
        return self.top / self.out if committed else Path(self.out)

    def origin(self, name: str) -> str:
        """Say where the value of `name` comes from: an option, a variable, a file with its line, or the default."""
        return self.origins.get(name, "default")


def names() -> tuple[str, ...]:
    """Return the settings' names, in the order of the class."""
    return tuple(one.name for one in fields(Settings) if one.metadata)


def meaning(name: str) -> str:
    """Return the line that explains setting `name`."""
    return str(Settings.__dataclass_fields__[name].metadata["meaning"])


def load(folder: Path | None = None, /, **command_line: object) -> Settings:
    """Read all layers for work in `folder` (the current one); raise SpecError with every fault of every layer."""
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    faults: list[Fault] = []
    for layer in (_user(faults), _repository(folder or Path.cwd(), faults), _environment(), _options(command_line)):
        for name, value, origin, place in layer:
            try:
                values[name] = Settings.__dataclass_fields__[name].metadata["read"](value)
                origins[name] = origin
            except _WrongError as wrong:
                faults.append(Fault(place.file, place.line, place.column, place.path, str(wrong), meaning(name)))
    if faults:
        raise SpecError(faults, "mend the settings named above; `styx config` shows all of them")
    return Settings(**values, origins=origins, top=_top(folder or Path.cwd()))  # type: ignore[arg-type]  # each value was read by its own field


Layer = Iterator[tuple[str, object, str, Fault]]
"""Name, value, where it comes from, and the place that a fault would name."""


def _options(command_line: Mapping[str, object]) -> Layer:
    for name, value in command_line.items():
        if name not in names():
            raise UsageError(f"there is no setting {name!r}", f"the settings are {', '.join(names())}")
        option = "--" + name.removesuffix("_s").replace("_", "-")
        yield name, value, option, Fault(option, 0, 0, "", "")


def _environment() -> Layer:
    for name in names():
        variable = f"STYX_{name.upper()}"
        if value := os.environ.get(variable):
            yield name, value, f"${variable}", Fault(f"${variable}", 0, 0, "", "")


def _repository(folder: Path, faults: list[Fault]) -> Layer:
    if (path := _repository_file(folder)) is not None:
        yield from _file(path, faults)


def _repository_file(folder: Path) -> Path | None:
    """Return the nearest styx.yaml, upwards to the top of the git repository; without one, in `folder` alone."""
    here = folder.absolute()
    top = next((parent for parent in (here, *here.parents) if (parent / ".git").exists()), here)
    for parent in (here, *here.parents):
        if (parent / REPOSITORY_FILE).is_file():
            return parent / REPOSITORY_FILE
        if parent == top:
            break
    return None


def _top(folder: Path) -> Path:
    path = _repository_file(folder)
    return path.parent if path else Path()


def _user(faults: list[Fault]) -> Layer:
    path = paths.config() / USER_FILE
    if path.exists():
        yield from _file(path, faults)


def _file(path: Path, faults: list[Fault]) -> Layer:
    try:
        found = document.parse(reading.read(path), str(path))
    except SpecError as error:
        faults += error.faults
        return
    if not isinstance(found.value, dict | None):
        faults.append(found.fault((), "settings must be a block of keys", "write name: value on lines of their own"))
        return
    for name, value in (found.value or {}).items():
        if name not in names():
            near = difflib.get_close_matches(name, names(), n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"the settings are {', '.join(names())}"
            faults.append(found.fault((name,), f"unknown setting `{name}`", hint, key=True))
        elif value is not None:
            place = found.fault((name,), "")
            yield name, value, f"{path}:{place.line}", place
