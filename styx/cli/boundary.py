"""The one place where errors end: a message, a hint, the log's path, an exit code."""

import json
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from styx.errors import InterruptedRunError, StyxError


class Terminated(KeyboardInterrupt):
    """SIGTERM, handled on the same path as Ctrl-C but for its exit code."""

    exit_code = 143


def guard(action: Callable[[], int], *, debug: bool) -> int:
    """Return the exit code of `action`; with `debug` an error shows its traceback too."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return action()
    except StyxError as error:
        if debug:
            import traceback

            traceback.print_exc()
        report(error)
        return error.exit_code
    except Terminated:
        return Terminated.exit_code
    except KeyboardInterrupt:
        return InterruptedRunError.exit_code
    except BrokenPipeError:
        # The reader went away (`styx … | head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the last line of defence: a bug is told as one, not as a traceback
        if debug:
            raise
        name = type(error).__name__
        report(StyxError(f"unexpected {name}: {error}", "this is a bug in Styx: run `styx --debug …` and report it"))
        return StyxError.exit_code


def report(error: StyxError) -> None:
    """Print `error` on stderr: as text, or as one JSON object when the command was asked for JSON."""
    if "--json" in sys.argv:
        print(json.dumps({"error": as_json(error)}), file=sys.stderr)
        return
    print(f"{_red('error')}: {error.message}", file=sys.stderr)
    print(f"{'':>2}next: {error.hint}", file=sys.stderr)
    if error.log is not None:
        print(f"{'':>3}log: {error.log}", file=sys.stderr)


def as_json(error: StyxError) -> dict[str, object]:
    """Return `error` for machines."""
    log = str(error.log) if error.log else None
    kind = type(error).__name__
    return {"kind": kind, "message": error.message, "hint": error.hint, "exit_code": error.exit_code, "log": log}


def _red(word: str) -> str:
    plain = not sys.stderr.isatty() or "NO_COLOR" in os.environ
    return word if plain else f"\033[1;31m{word}\033[0m"


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
