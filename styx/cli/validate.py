"""`styx validate`: every fault of every spec, for people, programs and CI."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Exit, Option, echo

from styx.cli.overrides import spec_options
from styx.errors import Fault, SpecError
from styx.spec import finding
from styx.spec.overrides import Overrides

if TYPE_CHECKING:
    from collections.abc import Iterable

    from styx.spec import SpecFile

Format = Literal["text", "json", "junit", "sarif"]


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and what is wrong with it."""

    file: str
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()
    """What is right, and still stops a plan."""


@spec_options
def validate(
    paths: Annotated[list[Path], Argument(help="Specs, or folders of specs.", show_default=False)],
    overrides: Overrides,
    format: Annotated[Format, Option("--format", help="How to report.")] = "text",
    json: Annotated[bool, Option("--json", help="Short for --format json.")] = False,
) -> None:
    """Check specs and report every fault with its line; folders are searched for specs.

    Examples:

      styx validate task.yaml

      styx validate specs/ --format junit > report.xml
    """
    found = finding.find(paths)
    checked = [_check(path, overrides) for path in found.specs] + [_without_specs(path) for path in found.empty]
    if json or format == "json":
        _print_json(checked, found.skipped)
    elif format == "junit":
        echo(_junit(checked))
    elif format == "sarif":
        from styx.review.sarif import sarif

        echo(sarif([fault for one in checked for fault in one.faults]))
    else:
        _print_text(checked, found.skipped)
    if any(one.faults for one in checked):
        raise Exit(SpecError.exit_code)


def _check(path: Path, overrides: Overrides) -> Checked:
    from styx.spec import load

    try:
        spec = load(path, overrides)
        return Checked(str(path), _broken(spec), tuple(_notes(spec)))
    except SpecError as error:
        return Checked(str(path), error.faults)


def _broken(spec: "SpecFile") -> tuple[Fault, ...]:
    """Return a fault for each rule of a policy that the committed choice breaks."""
    from styx import settings
    from styx.lifecycle import locked, policing
    from styx.lifecycle.target import targets

    found = settings.load()
    if found.policy is None and all(not task.styx.policy.model_fields_set for task in spec.tasks):
        return ()
    faults: list[Fault] = []
    for target in targets(spec, found):
        if lock := locked.lock_of(target):
            faults += policing.broken(target, locked.task_plan(lock).placement, found)
    return tuple(faults)


def _without_specs(folder: Path) -> Checked:
    return Checked(str(folder), (Fault(str(folder), 0, 0, "", "no spec was found here", "name a file"),))


def _notes(spec: "SpecFile") -> "Iterable[str]":
    from styx.spec import unhonoured

    for number, task in enumerate(spec.tasks):
        for name in task.missing_values:
            option = "--secret" if name in task.secrets else "--env"
            yield f"{name} has no value: give it with {option} {name}=…"
        for path, reason in unhonoured(task):
            yield str(spec.fault(number, path, reason))


def _print_text(checked: list[Checked], skipped: "Iterable[Path]") -> None:
    for one in checked:
        echo(f"{one.file}: {_count(len(one.faults), 'fault') if one.faults else 'ok'}")
        for fault in one.faults:
            echo(f"  {fault}")
        for note in one.notes:
            echo(f"  note: {note}")
    for path in skipped:
        echo(f"{path}: skipped, not a spec")
    if len(checked) > 1:
        right = sum(not one.faults for one in checked)
        echo(f"{_count(len(checked), 'spec')}: {right} ok, {len(checked) - right} with faults")


def _print_json(checked: list[Checked], skipped: "Iterable[Path]") -> None:
    import json

    files = [{**asdict(one), "ok": not one.faults} for one in checked]
    echo(json.dumps({"files": files, "skipped": [str(path) for path in skipped]}, indent=2))


def _junit(checked: list[Checked]) -> str:
    """Return a JUnit report with a test case for each file."""
    from xml.etree import ElementTree as ET

    failures = sum(bool(one.faults) for one in checked)
    suite = ET.Element("testsuite", name="styx validate", tests=str(len(checked)), failures=str(failures))
    for one in checked:
        case = ET.SubElement(suite, "testcase", classname="spec", name=one.file)
        if one.faults:
            failure = ET.SubElement(case, "failure", message=_count(len(one.faults), "fault"))
            failure.text = "\n".join(map(str, one.faults))
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
