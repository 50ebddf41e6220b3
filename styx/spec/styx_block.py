"""The `styx:` block: what a spec can say beyond SkyPilot's keys."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from styx.spec.accelerators import AcceleratorsField
from styx.spec.backend import Backend
from styx.spec.backend_settings import KINDS
from styx.spec.fields import (
    BOOLEAN,
    Block,
    Flag,
    Form,
    Line,
    Number,
    Short,
    Version,
    Word,
    choice,
    line,
    shown,
    wrong,
)
from styx.spec.policy import Budget, Policy
from styx.spec.quantities import Cpus, MemoryField, Minutes, ports


def _cidr(value: object) -> str:
    """Return a network such as `10.0.0.0/8` in its usual spelling."""
    text = line(value)
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise wrong(f"{shown(text)} is not a network: {error}", "write 203.0.113.0/24 or 2001:db8::/32") from error


def _port_rules(value: object) -> dict[str, tuple[str, ...]]:
    """Read port → networks that may reach it; a key is a port or a range."""
    if not isinstance(value, dict):
        raise wrong("must be a mapping of port to networks", "write 8080: [203.0.113.0/24]")
    rules = {}
    for key, networks in value.items():
        ports(key)
        if not isinstance(networks, list):
            raise wrong("must be a list of networks", "write [203.0.113.0/24]", key)
        rules[key] = tuple(_cidr(network) for network in networks)
    return rules


_HOP = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9_.-]*(:[0-9]{1,5})?")


def _jump(value: object) -> str:
    """Return hosts to go through, as SSH's ProxyJump names them: nothing in them can be taken for an option."""
    text = line(value)
    if text.lower() == "none" or not all(_HOP.fullmatch(hop) for hop in text.split(",")):
        raise wrong(f"{shown(text)} names no host to go through", "write user@host or user@host:port")
    return text


def _public_ip(value: object) -> bool | str:
    if isinstance(value, bool) or value == "auto":
        return "auto" if value == "auto" else bool(value)
    raise wrong("must be true, false or auto")


class Conda(Block):
    """A conda environment: one of the two."""

    file: Line | None = None
    """An environment.yml, relative to the spec."""
    packages: tuple[Line, ...] = ()
    """Packages by name."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.file is None) == (not self.packages):
            raise wrong("needs either file or packages", "keep one of the two")
        return self


class Docker(Block):
    """The container that jobs run in."""

    image: Line
    """The image, for example `ubuntu:24.04`."""
    options: tuple[Line, ...] = ()
    """Further words for `docker run`."""


class Environment(Block):
    """What the hosts get before `setup`."""

    python: Version | None = None
    """A Python version, for example `3.12`."""
    conda: Conda | None = None
    """A conda environment."""
    docker: Annotated[Docker, Short(lambda value: {"image": value})] | None = None
    """The container that jobs run in: an image, or a block."""
    cuda: Version | None = None
    """The CUDA toolkit's version."""
    cudnn: Version | None = None
    """cuDNN's version."""
    driver: Version | None = None
    """The GPU driver's version."""
    packages: tuple[Word, ...] = ()
    """Packages of the system."""


class Head(Block):
    """Another machine for Ray's head."""

    cpus: Cpus | None = None
    """vCPUs: `4` or `4+`."""
    memory: MemoryField | None = None
    """GiB: `32`, `32+`, `4x`."""
    accelerators: AcceleratorsField | None = None
    """Accelerators, as in resources."""
    instance_type: Word | None = None
    """A machine type, by the cloud's own name."""
    disk_size: int | None = Field(default=None, strict=True, gt=0)
    """GB."""


class Ray(Block):
    """The Ray cluster."""

    enabled: Flag = True
    """False for plain machines; `ray: false` says the same."""
    version: Version | None = None
    """Ray's version; the one that Styx was tested with when absent."""
    resources: Mapping[Line, Number] = Field(default_factory=dict)
    """Custom resources of every node."""
    head: Head | None = None
    """Another machine for the head."""


def _ray(value: object) -> dict[str, object]:
    if isinstance(value, bool):
        return {"enabled": value}
    raise wrong("must be true, false or a block")


class Machine(Block):
    """What kinds of machine will do."""

    arch: Annotated[str, choice("x86_64", "arm64", "any")] = "x86_64"
    """The processor's kind."""
    burstable: Flag = False
    """Machines whose vCPUs cannot be used all the time will do."""
    marketplace: Flag = False
    """Hosts of a marketplace will do."""


class Network(Block):
    """Existing or created networking. Default: SSH from the caller's address only."""

    vpc: Word | None = None
    """An existing network."""
    subnet: Word | None = None
    """An existing subnet."""
    security_groups: tuple[Word, ...] = ()
    """Existing security groups."""
    allow: tuple[Annotated[str, Form(_cidr)], ...] = ()
    """Networks that may reach SSH."""
    ports: Annotated[Mapping[str, tuple[str, ...]], Form(_port_rules, ({"type": "object"},))] = Field(
        default_factory=dict
    )
    """Port to the networks that may reach it."""
    egress: tuple[Annotated[str, Form(_cidr)], ...] = ()
    """The only networks outside the cluster that machines may reach; all when absent."""
    public_ip: Annotated[bool | Literal["auto"], Form(_public_ip, (BOOLEAN, {"const": "auto"}))] = "auto"
    """Whether machines get a public address."""
    tunnel: Annotated[str, choice("ssm", "iap", "bastion")] | None = None
    """How machines without one are reached."""
    proxy_jump: Annotated[str, Form(_jump)] | None = None
    """A host to go through, as in SSH's ProxyJump."""

    @property
    def has_public_ip(self) -> bool:
        """Whether machines get public addresses: as asked, else unless they are reached in another way."""
        return not (self.tunnel or self.proxy_jump) if self.public_ip == "auto" else bool(self.public_ip)

    @property
    def needs_gateway(self) -> bool:
        """Whether machines without public addresses stand in a network made for them, which needs a way out."""
        return not (self.has_public_ip or self.subnet)


def _folder(value: object) -> str:
    text = line(value)
    if not text.startswith("/") or ".." in text.split("/") or text.strip("/") == "":
        raise wrong(f"{shown(text)} is not an absolute folder", "write /etc/app")
    return text.rstrip("/")


class Styx(Block):
    """Styx's own settings of a task."""

    version: Literal[1] = 1
    """The version of this block."""
    environment: Environment = Field(default_factory=Environment)
    """What the hosts get before `setup`."""
    ray: Annotated[Ray, Short(_ray, (BOOLEAN,))] = Field(default_factory=Ray)
    """The Ray cluster, or `false` for plain machines."""
    machine: Machine = Field(default_factory=Machine)
    """What kinds of machine will do."""
    network: Network = Field(default_factory=Network)
    """Networking."""
    ssh_key: Line | None = None
    """The user's own private key; one is made when absent."""
    owner: Line | None = None
    """Who answers for the machines."""
    lifetime: Minutes | None = None
    """A hard end: minutes, or text such as `8h`."""
    backend: Annotated[Backend, Short(lambda value: {"type": value}, ({"enum": list(KINDS)},))] = Field(
        default_factory=lambda: Backend(type="local")
    )
    """Where Terraform keeps its state: a name, or a block with `type` and the backend's settings."""
    budget: Budget = Field(default_factory=Budget)
    """What may be spent."""
    minimize: Annotated[str, choice("cost", "time")] = "cost"
    """What the choice of machines aims at."""
    reservation: Word | None = None
    """A reserved block of machines."""
    tags: Mapping[Line, Line] = Field(default_factory=dict)
    """Tags for every resource."""
    policy: Policy = Field(default_factory=Policy)
    """What may never happen."""
    system_mounts: tuple[Annotated[str, Form(_folder)], ...] = ()
    """Folders of the system, such as /etc/app, that file mounts may write below."""
