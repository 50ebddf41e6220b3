"""The one place where Jinja runs: strict about names, `hcl` as its only filter of ours."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from styx.render.hcl import hcl

if TYPE_CHECKING:
    import jinja2


def fill(template: Path, context: Mapping[str, object]) -> str:
    """Return the text of `template` filled from `context`; a name that is not there is an error."""
    return _compiled(template).render(context)


@cache
def read(path: Path) -> str:
    """Return the text of a shipped file, read once."""
    return path.read_text()


@cache
def _compiled(path: Path) -> "jinja2.Template":
    """Return a template compiled once: many folders are rendered from the same few."""
    return _environment().from_string(path.read_text())


@cache
def _environment() -> "jinja2.Environment":
    import jinja2

    environment = jinja2.Environment(  # noqa: S701  # the output is HCL, YAML and Markdown; HTML escapes would harm it
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["hcl"] = hcl
    return environment
