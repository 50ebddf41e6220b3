"""`styx token`: who may ask a task server."""

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast, get_args

from typer import Argument, Option, Typer

from styx.cli import console, describe, options
from styx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from styx.server.session import Session

app = Typer(
    no_args_is_help=True, help="Make, list and take back the tokens of a task server; run it beside the server."
)

Database = Annotated[str | None, Option("--database", help="As `styx server` has it.")]
T = TypeVar("T")


@app.command()
def create(
    name: Annotated[str, Argument(help="Whose it is; an agent's token is for the agent of that name and NAME-….")],
    role: Annotated[str, Option("--role", help="read, submit, agent or admin.")] = "submit",
    database: Database = None,
    json: options.Json = False,
) -> None:
    """Make a token and print it: this once. A server that has a token asks everybody for one.

    Example: styx token create builder --role agent
    """
    from pydantic import TypeAdapter, ValidationError

    from styx.api.messages import Name, Role
    from styx.server import tokens

    if role not in get_args(Role):
        raise UsageError(f"there is no role {role}", f"the roles are {', '.join(get_args(Role))}")
    try:
        TypeAdapter(Name).validate_python(name)
    except ValidationError as error:
        raise UsageError(f"{name!r} is no name", "use letters, digits and ._:@-") from error
    token = _changed(database, lambda session: tokens.create(session, name, cast(Role, role)))
    if json:
        describe.print_json({"name": name, "role": role, "token": token})
        return
    print(token)
    print("it is not shown again; set it as STYX_TOKEN", file=sys.stderr)


@app.command("list")
def list_tokens(database: Database = None, json: options.Json = False) -> None:
    """List the tokens, without what is secret of them.

    Example: styx token list
    """
    from styx.server import tokens

    rows = [{name: row[name] for name in ("id", "name", "role", "created_at", "revoked_at")}
            for row in _changed(database, tokens.known)]  # fmt: skip
    if json:
        describe.print_json(rows)
        return
    console.table(("id", "name", "role", "created", "revoked"), [_row(row) for row in rows])


@app.command()
def revoke(
    which: Annotated[str, Argument(help="A token's id, or a name: then all of that name.", show_default=False)],
    database: Database = None,
    json: options.Json = False,
) -> None:
    """Take a token back; servers know within two seconds.

    Example: styx token revoke builder
    """
    from styx.server import tokens

    count = _changed(database, lambda session: tokens.revoke(session, which))
    if json:
        describe.print_json({"revoked": count})
        return
    print(f"{console.plural(count, 'token')} revoked")


def _changed(database: str | None, operation: "Callable[[Session], T]") -> T:
    """Run `operation` on the database of a server."""
    from styx.server import opening

    opened = opening.open_database(database or opening.default())
    try:
        return asyncio.run(_written(opened, operation))
    finally:
        opened.close()


async def _written(database: Any, operation: "Callable[[Session], T]") -> T:  # noqa: ANN401 - its class is heavy
    result: T = await database.write(operation)
    return result


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    moments = ("-" if row[name] is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(row[name]))
               for name in ("created_at", "revoked_at"))  # fmt: skip
    return (row["id"], row["name"], row["role"], *moments)
