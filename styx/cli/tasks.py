"""`styx tasks`: what a task server has."""

from typing import Annotated, Any

from typer import Argument, Option, Typer

from styx.cli import console, describe, options
from styx.cli.submit import Server

app = Typer(no_args_is_help=True, help="List the tasks of a server, show one, read its log, cancel it, try it again.")

TaskId = Annotated[str, Argument(help="The task's id, as `styx tasks list` shows it.", show_default=False)]


@app.command("list")
def list_tasks(
    state: Annotated[str | None, Option("--state", help="Only those in this state.")] = None,
    name: Annotated[str | None, Option("--name", help="Only those of this name.")] = None,
    limit: Annotated[int, Option("--limit", help="How many at most.", min=1, max=500)] = 50,
    server: Server = None,
    json: options.Json = False,
) -> None:
    """List tasks, the newest first.

    Example: styx tasks list --state running
    """
    tasks = _client(server).get("/api/v1/tasks", state=state, name=name, limit=limit)["tasks"]
    if json:
        describe.print_json(tasks)
        return
    columns = ("id", "state", "attempt", "agent", "exit code", "created", "what")
    console.table(columns, [_row(task) for task in tasks])


@app.command()
def show(task: TaskId, server: Server = None, json: options.Json = False) -> None:
    """Show all that is known of one task.

    Example: styx tasks show 01a20b1e11c5b17b831829
    """
    found = _client(server).get(f"/api/v1/tasks/{task}")
    if json:
        describe.print_json(found)
        return
    for name, value in found.items():
        if value not in (None, "", [], {}, False) and name != "output":
            print(f"{name:<12}  {value}")
    print(found["output"], end="")


@app.command()
def logs(
    task: TaskId,
    follow: Annotated[bool, Option("--follow", "-f", help="Go on until the task ends.")] = False,
    attempt: Annotated[int | None, Option("--attempt", help="Which attempt's (default: the last).", min=1)] = None,
    server: Server = None,
    json: options.Json = False,
) -> None:
    """Print what a task printed.

    Example: styx tasks logs 01a20b1e11c5b17b831829 -f
    """
    from styx.cli.following_tasks import copy, whole

    if json:
        describe.print_json({"id": task, "log": whole(_client(server), task, attempt=attempt, follow=follow)})
        return
    copy(_client(server), task, attempt=attempt, follow=follow)


@app.command()
def cancel(task: TaskId, server: Server = None, json: options.Json = False) -> None:
    """Cancel a task; its agent ends one that runs.

    Example: styx tasks cancel 01a20b1e11c5b17b831829
    """
    _tell(_client(server).post(f"/api/v1/tasks/{task}/cancel", {}), json=json)


@app.command()
def retry(task: TaskId, server: Server = None, json: options.Json = False) -> None:
    """Queue a task again that failed, was cancelled or is dead.

    Example: styx tasks retry 01a20b1e11c5b17b831829
    """
    _tell(_client(server).post(f"/api/v1/tasks/{task}/retry", {}), json=json)


def _client(server: str | None) -> Any:  # noqa: ANN401 - its class would load httpx
    from styx.agent.client import Address, Client

    return Client(Address.from_environment(server))


def _tell(reply: dict[str, Any], *, json: bool) -> None:
    if json:
        describe.print_json(reply)
    else:
        print(f"{reply['id']}: {'cancelling' if reply['cancelling'] else reply['state']}")


def _row(task: dict[str, Any]) -> tuple[str, ...]:
    code = "-" if task["exit_code"] is None else str(task["exit_code"])
    what = task["name"] or task["command"] or " ".join(task["argv"] or [task["verb"] or ""])
    state = "cancelling" if task["cancelling"] and task["finished_at"] is None else task["state"]
    return (task["id"], state, str(task["attempt"]), task["agent"] or "-", code, task["created_at"][:19], what[:60])
