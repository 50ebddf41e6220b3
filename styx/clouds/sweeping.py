"""A cloud's sweep in a process of its own: `python -P -m styx.clouds.sweeping CLOUD` reads one request as JSON.

SDKs block, print, start threads and keep them: a process can be ended, and its output read by the line. The request is
the second argument: `find` or `clear`, the cluster, the regions. Each line that begins with `{"` is an answer.
"""

import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from styx.clouds.find import by_id
from styx.clouds.sweep import ORDER, Account, Found
from styx.errors import StyxError

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0


def main(cloud_id: str, request: str) -> None:
    """Print what is asked for, then `{"done": true}`; an error becomes a line, too."""
    asked = json.loads(request)
    try:
        opened = by_id(cloud_id).account
        if opened is not None:
            account = opened()
            if asked["verb"] == "find":
                _print("found", account.find(asked["cluster"], asked["regions"]))
            else:
                patience_s = asked["patience_s"]
                _left(clear(account, asked["cluster"], asked["regions"], set(asked["ids"]), patience_s))
    except StyxError as error:
        print(json.dumps({"error": type(error).__name__, "message": error.message, "hint": error.hint}), flush=True)
        return
    print(json.dumps({"done": True}), flush=True)


def clear(
    account: Account, cluster: str, regions: Sequence[str], ids: set[str], patience_s: float
) -> list[tuple[Found, str]]:
    """End what has these ids, and look until none is listed twice in a row; return what is left and why.

    What others stand on is refused at first: it is asked for again once these are gone.
    """
    until = time.monotonic() + patience_s
    wait_s, unseen = FIRST_WAIT_S, 0
    while True:
        left = [one for one in account.find(cluster, regions) if one.id in ids]
        unseen = 0 if left else unseen + 1
        if unseen == 2:
            return []
        why = [(one, account.remove(one)) for one in sorted(left, key=lambda one: ORDER.index(one.kind))]
        if why and time.monotonic() > until:
            return why
        time.sleep(wait_s)
        wait_s = min(wait_s * 1.5, LONGEST_WAIT_S)


def _print(word: str, found: Iterable[Found]) -> None:
    for one in found:
        print(json.dumps({word: asdict(one)}), flush=True)


def _left(left: Iterable[tuple[Found, str]]) -> None:
    for one, why in left:
        print(json.dumps({"left": asdict(one), "why": why}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
    sys.stdout.flush()
    os._exit(0)  # an SDK's threads would be waited for
