"""`styx agent`: execute the tasks of a server on this machine."""

import sys
import time
from typing import Annotated

from typer import Option

from styx.errors import UsageError


def agent(  # noqa: PLR0913 - one parameter an option
    server: Annotated[str | None, Option("--server", help="The server's address.", envvar="STYX_SERVER_URL")] = None,
    name: Annotated[str | None, Option("--name", help="The agent's name (default: this machine's).")] = None,
    label: Annotated[list[str] | None, Option("--label", help="What it has; may be given again.")] = None,
    concurrency: Annotated[int, Option("--concurrency", help="Tasks at once.", min=1, max=1000)] = 1,
    poll: Annotated[float, Option("--poll", help="Seconds between questions when there is nothing.", min=0.05)] = 2.0,
    drain: Annotated[
        float, Option("--drain", help="Seconds that tasks may go on after SIGTERM; then they are given back.", min=0)
    ] = 3600.0,
) -> None:
    """Ask a server for tasks and execute them, until SIGTERM: then what runs may end.

    STYX_TOKEN holds the token. A secret NAME that a task asks for is the variable STYX_SECRET_NAME.

    Example: STYX_SERVER_URL=https://styx.example.org STYX_TOKEN=… styx agent --label linux --concurrency 4
    """
    from styx.agent import worker
    from styx.agent.client import Address

    own = name or worker.default_name()
    for given in (own, *(label or ())):
        _require_name(given)
    options = worker.Options(Address.from_environment(server), own, tuple(label or ()), concurrency, poll, drain)
    worker.work(options, lambda line: print(time.strftime("%H:%M:%S"), line, file=sys.stderr, flush=True))


def _require_name(word: str) -> None:
    """Raise what the server would refuse every request for."""
    from pydantic import TypeAdapter, ValidationError

    from styx.api.messages import Name

    try:
        TypeAdapter(Name).validate_python(word)
    except ValidationError as error:
        raise UsageError(f"{word!r} is no name", "use letters, digits and ._:@-") from error
