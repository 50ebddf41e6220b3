"""The one place where errors end: a message, a hint, the log's path, an exit code."""

import json
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from styx.errors import InterruptedRunError, StyxError

TERMINATED = 143
"""The exit code after SIGTERM; everything else about it is as after Ctrl-C."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, handled on the same path as Ctrl-C."""

    exit_code = TERMINATED


class _Signals:
    """Remembers whether SIGTERM came: on its way up it becomes an interrupt like any other."""

    terminated = False


def guard(action: Callable[[], int], *, debug: bool) -> int:
    """Return the exit code of `action`; with `debug` an error shows its traceback too."""
    signal.signal(signal.SIGTERM, _terminate)
    code = _guarded(action, debug=debug)
    return TERMINATED if code == InterruptedRunError.exit_code and _Signals.terminated else code


def _guarded(action: Callable[[], int], *, debug: bool) -> int:
    try:
        code = action()
    except KeyboardInterrupt:
        code = InterruptedRunError.exit_code
    except BrokenPipeError:
        # The reader went away (`styx … | head`): nothing is wrong, and nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: even a bug is told as one, not as a traceback
        if debug:
            import traceback

            traceback.print_exc()
        told = _told(error)
        report(told)
        return told.exit_code
    if code == InterruptedRunError.exit_code:
        report(InterruptedRunError("interrupted"))
    return code


def _told(error: Exception) -> StyxError:
    """Return `error` with a hint: a file that cannot be used is the caller's to mend, the rest is a bug."""
    if isinstance(error, StyxError):
        return error
    if isinstance(error, OSError):
        file = f": {error.filename}" if error.filename else ""
        return StyxError(f"{error.strerror or error}{file}", "check the path, its permissions and the space left")
    hint = "this is a bug in Styx: run `styx --debug …` and report it"
    return StyxError(f"unexpected {type(error).__name__}: {error}", hint)


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
    _Signals.terminated = True
    raise Terminated
