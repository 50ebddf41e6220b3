"""The options that change a spec from the command line, written once for every verb that takes a spec."""

import functools
import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from styx.cli import options
from styx.errors import Fault, SpecError
from styx.spec.overrides import Overrides

PANEL = "Spec overrides"

_Text = str | None


def _option(*words: str, help: str) -> Any:  # noqa: ANN401 - as typer.Option says it
    return Option(*words, help=help, rich_help_panel=PANEL, show_default=False)


def _options(  # noqa: PLR0913 - each is an option of the command line
    *,
    env: Annotated[list[str] | None, _option("--env", help="Variable NAME=VALUE, or NAME from here.")] = None,
    env_file: Annotated[Path | None, _option("--env-file", help="File of variables, NAME=VALUE a line.")] = None,
    secret: Annotated[list[str] | None, _option("--secret", help="Secret NAME=VALUE, or NAME from here.")] = None,
    name: Annotated[_Text, _option("--name", "-n", help="The task's name.")] = None,
    workdir: Annotated[Path | None, _option("--workdir", help="Folder that the job starts in.")] = None,
    num_nodes: Annotated[int | None, _option("--num-nodes", help="Machines.")] = None,
    infra: Annotated[_Text, _option("--infra", help="cloud, cloud/region or cloud/region/zone; * for any.")] = None,
    region: Annotated[_Text, _option("--region", help="Region of the spec's cloud.")] = None,
    zone: Annotated[_Text, _option("--zone", help="Zone of the spec's region.")] = None,
    gpus: Annotated[_Text, _option("--gpus", help="Accelerators: A100:8, 80GB+; none for none.")] = None,
    cpus: Annotated[_Text, _option("--cpus", help="vCPUs a machine: 4 or 4+.")] = None,
    memory: Annotated[_Text, _option("--memory", help="GiB a machine: 32, 32+ or 4x (a vCPU).")] = None,
    instance_type: Annotated[
        _Text, _option("--instance-type", "-t", help="The cloud's name of a machine type.")
    ] = None,
    use_spot: Annotated[bool | None, _option("--use-spot/--no-use-spot", help="Rent at the spot price.")] = None,
    max_hourly_cost: Annotated[float | None, _option("--max-hourly-cost", help="USD an hour for one machine.")] = None,
    image_id: Annotated[_Text, _option("--image-id", help="Image of the machines.")] = None,
    disk_size: Annotated[_Text, _option("--disk-size", help="Main disk: GB, or 1TB.")] = None,
    disk_tier: Annotated[_Text, _option("--disk-tier", help="low, medium, high, ultra or best.")] = None,
    network_tier: Annotated[_Text, _option("--network-tier", help="standard or best.")] = None,
    local_disk: Annotated[_Text, _option("--local-disk", help="nvme, ssd:500 or 1000+ (GB).")] = None,
    ports: Annotated[list[str] | None, _option("--ports", help="Ports to open: 8080 or 8000-8010.")] = None,
    pool: Annotated[Path | None, _option("--pool", help=options.POOL)] = None,
) -> Overrides:
    """Return what the options say."""
    options.use_pools(pool)
    return Overrides(
        envs=_variables("--env", env or []),
        file_envs=_from_file(env_file) if env_file else {},
        secrets=_variables("--secret", secret or []),
        workdir=str(workdir.expanduser().absolute()) if workdir else None,
        ports=tuple(part.strip() for one in ports or [] for part in one.split(",")),
        name=name,
        num_nodes=num_nodes,
        infra=infra,
        region=region,
        zone=zone,
        gpus=gpus,
        cpus=cpus,
        memory=memory,
        instance_type=instance_type,
        use_spot=use_spot,
        max_hourly_cost=max_hourly_cost,
        image_id=image_id,
        disk_size=disk_size,
        disk_tier=disk_tier,
        network_tier=network_tier,
        local_disk=local_disk,
    )


def spec_options(verb: Callable[..., None]) -> Callable[..., None]:
    """Give `verb` all options that change a spec, handed over as its one argument `overrides`."""
    own = inspect.signature(verb, eval_str=True)
    added = inspect.signature(_options, eval_str=True).parameters

    @functools.wraps(verb)
    def with_overrides(*args: object, **words: object) -> None:
        given = {name: words.pop(name) for name in added if name in words}
        verb(*args, **words, overrides=_options(**given))  # type: ignore[arg-type]  # typer has converted each

    kept = [parameter for name, parameter in own.parameters.items() if name != "overrides"]
    # Typer reads the signature, and in its older versions the annotations beside it.
    plain = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*kept, *added.values())]
    with_overrides.__signature__ = own.replace(parameters=plain)  # type: ignore[attr-defined]
    with_overrides.__annotations__ = {parameter.name: parameter.annotation for parameter in plain} | {"return": None}
    return with_overrides


def _variables(option: str, words: list[str]) -> dict[str, str]:
    """Read NAME=VALUE; a NAME alone takes its value from the environment of this command."""
    found = {}
    for word in words:
        name, given, value = word.partition("=")
        if not given and name not in os.environ:
            raise _wrong(option, f"the variable {name} is not set here", f"export it, or write {option} {name}=value")
        found[name] = value if given else os.environ[name]
        if "\x00" in found[name]:
            raise _wrong(option, f"the value of {name} holds a NUL character", "remove it")
    return found


def _from_file(path: Path) -> dict[str, str]:
    """Read lines NAME=VALUE, `export` before them and quotes around the value left out; `#` begins a comment line."""
    from styx.spec import reading

    found = {}
    for number, line in enumerate(reading.read(path).splitlines(), 1):
        text = line.strip().removeprefix("export ").strip()
        if not text or text.startswith("#"):
            continue
        name, given, value = (part.strip() for part in text.partition("="))
        if not given or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise SpecError([Fault(str(path), number, 1, "", "must be NAME=VALUE", "put comments on lines with #")])
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
        found[name] = value[1:-1] if quoted else value
    return found


def _wrong(option: str, message: str, hint: str) -> SpecError:
    return SpecError([Fault(option, 0, 0, "", message, hint)])
