"""The command `styx`: find the verb, load only its module, and turn every error into a line and an exit code."""

import importlib
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

COMPLETE_VARIABLE = "_STYX_COMPLETE"

VERBS: dict[str, tuple[str, str]] = {
    "init": ("styx.cli.init", "Write a commented spec to start from."),
    "check": ("styx.cli.check", "Check tools, credentials and permissions of the clouds."),
    "validate": ("styx.cli.validate", "Check specs: every fault with its line."),
    "plan": ("styx.cli.plan", "Show where a spec goes, what it costs, and what Terraform would do."),
    "apply": ("styx.cli.apply", "Make it so: machines, hosts, job."),
    "render": ("styx.cli.render", "Write the Terraform and Ansible of a spec; run nothing."),
    "update": ("styx.cli.update", "Look again for the best offers, and say what each change saves."),
    "diff": ("styx.cli.diff", "Show what a branch changes: machines, costs, impact."),
    "ci": ("styx.cli.ci", "Write the pipeline of a repository of specs, and its comments."),
    "eject": ("styx.cli.eject", "Take a rendered folder over: Styx writes nothing there any more."),
    "destroy": ("styx.cli.destroy", "Tear a cluster down and leave nothing behind."),
    "reap": ("styx.cli.reap", "Find, and end, what was forgotten in the clouds."),
    "status": ("styx.cli.status", "List the clusters that stand."),
    "drift": ("styx.cli.drift", "Say what was changed by hand since a cluster was applied."),
    "stop": ("styx.cli.stop", "Switch machines off and keep their disks."),
    "start": ("styx.cli.start", "Bring stopped machines back."),
    "autostop": ("styx.cli.autostop", "Let machines switch themselves off when nobody uses them."),
    "cost-report": ("styx.cli.cost_report", "Show what clusters have cost, and what runs now."),
    "history": ("styx.cli.history", "Show who did what to a cluster, when, and what it costs since."),
    "exec": ("styx.cli.exec", "Run another job on a standing cluster."),
    "logs": ("styx.cli.logs", "Print what a job printed."),
    "queue": ("styx.cli.queue", "List the jobs of a cluster."),
    "cancel": ("styx.cli.cancel", "End a job on every node."),
    "ssh": ("styx.cli.ssh", "Open a shell on a host, or run a command there."),
    "rsync": ("styx.cli.rsync", "Copy files to the hosts of a cluster, or from them."),
    "release": ("styx.cli.release", "Break the lease of a pool's host, and clean it."),
    "verify": ("styx.cli.verify", "Check on every host what its roles promise."),
    "dashboard": ("styx.cli.dashboard", "Print where Ray's dashboard is."),
    "optimize": ("styx.cli.optimize", "Show where a spec would go on all clouds, and what that costs."),
    "why-not": ("styx.cli.why_not", "Say which constraint or cheaper offer ruled an offer out."),
    "show-gpus": ("styx.cli.show_gpus", "List the GPUs that can be rented, and the cheapest of each."),
    "catalog": ("styx.cli.catalog", "Build, check, refresh and describe the offers."),
    "server": ("styx.cli.server", "Keep tasks and hand them to agents."),
    "agent": ("styx.cli.agent", "Execute the tasks of a server on this machine."),
    "submit": ("styx.cli.submit", "Queue a command or a spec on a server."),
    "tasks": ("styx.cli.tasks", "List, show, follow, cancel and retry the tasks of a server."),
    "token": ("styx.cli.token", "Make and take back the tokens of a server."),
    "schema": ("styx.cli.schema", "Print the JSON Schema of a spec, for editors."),
    "config": ("styx.cli.config", "Show every setting, its value and where it comes from."),
    "completion": ("styx.cli.completion", "Print the completion script of a shell."),
}
"""Verb → its module, and its line in `styx --help`. The module holds a function of that name, or a group as `app`."""


def main(argv: list[str] | None = None) -> int:
    """Run `styx` with `argv` (sys.argv's by default) and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    if words in (["--version"], ["-V"]):
        from styx import __version__

        print(f"styx {__version__}")
        return 0
    from styx.cli import boundary

    debug = words[:1] == ["--debug"]
    return boundary.guard(lambda: _run(words[1:] if debug else words), debug=debug)


def _run(words: list[str]) -> int:
    """Hand `words` to typer, which prints its own usage errors; those of Styx pass through."""
    app = _app(words)
    if COMPLETE_VARIABLE in os.environ:
        from typer._completion_classes import completion_init

        completion_init()  # typer does this itself only for apps that install their own completion
    try:
        app(args=words, prog_name="styx")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _app(words: list[str]) -> "typer.Typer":
    """Return the app with the verb that `words` name, or with a line for each verb when they name none."""
    import typer

    from styx.cli.options import before_verb

    app = typer.Typer(
        help="One task spec in; plain Terraform, plain Ansible, a verified Ray cluster and your job out.",
        epilog="Start with: styx init && styx plan styx.task.yaml. Every command has --help with examples.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(before_verb)
    wanted = next((word for word in words or _completed_words() if not word.startswith("-")), None)
    for verb, (module, line) in VERBS.items():
        if verb == wanted:
            _add(app, verb, importlib.import_module(module), line)
        elif wanted not in VERBS:
            app.command(verb, help=line)(_listed)
    return app


def _completed_words() -> list[str]:
    """Return the words that a shell asks to complete, the command's name left out."""
    asked = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    return asked.split()[1:] if COMPLETE_VARIABLE in os.environ else []


def _add(app: "typer.Typer", verb: str, module: ModuleType, line: str) -> None:
    """Add the function or the group of a verb's module; `_` stands for the `-` of a verb."""
    group: typer.Typer | None = getattr(module, "app", None)
    if group is not None:
        app.add_typer(group, name=verb, short_help=line)
    else:
        app.command(verb, short_help=line)(getattr(module, verb.replace("-", "_")))


def _listed() -> None:
    """Stand for a verb in a list of verbs."""
