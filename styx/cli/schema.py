"""`styx schema`: the JSON Schema of a spec, for editors."""

from pathlib import Path
from typing import Annotated

from typer import Option, echo


def schema(
    out: Annotated[Path | None, Option("--out", "-o", help="File to write instead of standard output.")] = None,
) -> None:
    """Print the JSON Schema of a spec.

    An editor with YAML support uses it when a spec's first line is
    `# yaml-language-server: $schema=styx.schema.json`.

    Example: styx schema --out styx.schema.json
    """
    import json

    from styx import files
    from styx.spec.schema import schema as made

    text = json.dumps(made(), indent=2, ensure_ascii=False)
    if out is None:
        echo(text)
        return
    files.write(out, text + "\n", mode=0o644)
    echo(f"wrote {out}")
