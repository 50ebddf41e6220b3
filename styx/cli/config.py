"""`styx config`: every setting, its value and which layer it comes from."""

from typing import TYPE_CHECKING, Annotated

from typer import Option, echo

from styx.errors import Fault, SpecError

if TYPE_CHECKING:
    from styx.settings import Settings


def config(json: Annotated[bool, Option("--json", help="Print JSON for machines.")] = False) -> None:
    """Show every setting, its value and where it comes from.

    The command line wins over STYX_<NAME> in the environment, then styx.yaml of the repository, then the user's
    config.yaml, then the default.
    """
    from styx import paths, settings

    found = settings.load()
    _check_clouds(found)
    rows = [(name, getattr(found, name), found.origin(name), settings.meaning(name)) for name in settings.names()]
    if json:
        import json as encoder

        layers = {name: {"value": value, "origin": origin, "meaning": text} for name, value, origin, text in rows}
        echo(encoder.dumps(layers, indent=2, default=lambda policy: policy.model_dump(exclude_defaults=True)))
        return
    shown = [(name, _shown(value), origin, text) for name, value, origin, text in rows]
    widths = [max(len(row[column]) for row in shown) for column in range(3)]
    for row in shown:
        echo("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))
    echo(f"user's settings: {paths.config() / settings.USER_FILE}")
    echo(f"state: {paths.state()}")


def _check_clouds(found: "Settings") -> None:
    from styx import clouds

    unknown = [name for name in found.clouds if name not in clouds.ids()]
    if unknown:
        raise SpecError([_no_cloud(name, found.origin("clouds")) for name in unknown])


def _no_cloud(name: str, origin: str) -> Fault:
    from styx import clouds

    near = clouds.near(name)
    hint = f"did you mean `{near}`?" if near else f"the clouds are {', '.join(clouds.ids())}"
    return Fault(origin, 0, 0, "clouds", f"there is no cloud `{name}`", hint)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join("->".join(filter(None, one)) if isinstance(one, tuple) else str(one) for one in value) or "-"
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else str(value) or "-"
