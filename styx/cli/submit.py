"""`styx submit`: queue a command or a spec on a task server."""

import os
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Exit, Option

from styx.cli import describe, options
from styx.errors import UsageError

Server = Annotated[str | None, Option("--server", help="The server's address.", envvar="STYX_SERVER_URL")]


def submit(  # noqa: PLR0913 - one parameter an option
    words: Annotated[list[str], Argument(help="SPEC, a YAML file, or -- CMD and its words.", show_default=False)],
    verb: Annotated[
        str, Option("--verb", help="What to do with a spec: plan, apply, destroy, validate, render.")
    ] = "apply",
    name: Annotated[str | None, Option("--name", help="A name for people.")] = None,
    env: Annotated[list[str] | None, Option("--env", help="NAME=VALUE, or NAME with its value here.")] = None,
    secret: Annotated[list[str] | None, Option("--secret", help="Name of a secret that the agent knows.")] = None,
    label: Annotated[list[str] | None, Option("--label", help="What the agent must have.")] = None,
    priority: Annotated[int, Option("--priority", help="The highest is first.")] = 0,
    timeout: Annotated[float, Option("--timeout", help="Seconds after which it is ended.")] = 3600.0,
    retries: Annotated[int, Option("--retries", help="How often to try again after a failure.")] = 0,
    after: Annotated[list[str] | None, Option("--after", help="Id of a task that must succeed first.")] = None,
    schedule: Annotated[str | None, Option("--schedule", help="`every 15m` or five cron fields, UTC.")] = None,
    key: Annotated[str | None, Option("--idempotency-key", help="The same key again is the same task.")] = None,
    follow: Annotated[bool, Option("--follow", "-f", help="Print its output; exit as it does.")] = False,
    server: Server = None,
    json: options.Json = False,
) -> None:
    """Queue a task and print its id.

    Examples:

      styx submit -- make test

      styx submit train.yaml --label gpu --secret HF_TOKEN -f
    """
    from styx.agent.client import Address, Client

    body: dict[str, Any] = {
        "name": name, "env": _environment(env or []), "secrets": secret or [], "labels": label or [],
        "priority": priority, "timeout_s": timeout, "retries": retries, "after": after or [], "schedule": schedule,
        "idempotency_key": key or os.urandom(16).hex(),
    }  # fmt: skip
    client = Client(Address.from_environment(server))
    given = {option: value for option, value in body.items() if value is not None}
    submitted = client.post("/api/v1/tasks", {**_work(words, verb), **given})
    if follow:
        from styx.cli.following_tasks import follow as follow_log

        raise Exit(follow_log(client, submitted["id"]))
    if json:
        describe.print_json(submitted)
    else:
        print(submitted["id"])


def _work(words: list[str], verb: str) -> dict[str, object]:
    """Return what is to be done: one word that is a YAML file is a spec, everything else a command."""
    path = Path(words[0])
    if len(words) > 1 or path.suffix not in {".yaml", ".yml"}:
        return {"argv": words}
    from styx import spec
    from styx.spec import document, reading

    spec.load(path)  # a wrong spec is refused here, with its lines
    found = document.parse(reading.read(path), str(path)).value
    named = {} if "name" in found else {"name": path.name.split(".")[0]}
    return {"spec": found, "verb": verb, **named}


def _environment(words: list[str]) -> dict[str, str]:
    found = {}
    for word in words:
        name, given, value = word.partition("=")
        if not given and name not in os.environ:
            raise UsageError(f"--env {name}: there is no such variable here", "give --env NAME=VALUE")
        found[name] = value if given else os.environ[name]
    return found
