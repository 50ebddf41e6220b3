"""`styx server`: keep tasks and hand them to agents."""

from pathlib import Path
from typing import Annotated

from typer import Option

from styx.errors import ToolMissingError


def server(  # noqa: PLR0913 - one parameter an option
    host: Annotated[str, Option("--host", help="Address to listen on; another than this machine's wants TLS.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, Option("--port", help="Port to listen on; 0 takes a free one.", min=0, max=65535)] = 8417,
    database: Annotated[
        str | None, Option("--database", help="A file, or postgresql://user@host/name (default: a file of yours).")
    ] = None,
    lease: Annotated[
        float, Option("--lease", help="Seconds after which a silent agent has lost its tasks.", min=1, max=86400)
    ] = 30.0,
    certificate: Annotated[
        Path | None, Option("--tls-certificate", help="PEM file with the certificate chain.", exists=True)
    ] = None,
    keep_days: Annotated[
        float, Option("--keep-days", help="Days that a task is kept after its end.", min=0, max=36500)
    ] = 90.0,
    keep_tasks: Annotated[
        int, Option("--keep-tasks", help="How many ended tasks are kept, the last ones.", min=0)
    ] = 1_000_000,
    key: Annotated[Path | None, Option("--tls-key", help="PEM file with the certificate's key.", exists=True)] = None,
) -> None:
    """Keep tasks and hand them to agents, until Ctrl-C or SIGTERM. Tasks outlive the server: they are in the database.

    Without tokens it serves this machine alone; see `styx token create --help`.

    Examples:

      styx server

      styx server --host 0.0.0.0 --tls-certificate cert.pem --tls-key key.pem --database postgresql://styx@db/tasks
    """
    try:
        from styx.server import opening, serve
        from styx.server.retention import Retention
    except ModuleNotFoundError as error:
        raise ToolMissingError(f"{error.name} is missing", "pip install 'styx-infra[server]'") from error

    kept = Retention(keep_days, keep_tasks)
    options = serve.Options(host, port, database or opening.default(), certificate, key, lease, kept)
    serve.serve(options, lambda address: print(f"listening on {address}", flush=True))
