"""`styx dashboard`: where Ray's own pages are."""

import threading

from styx.cli import describe, opening, options
from styx.errors import UsageError


def dashboard(name: options.Name, json: options.Json = False) -> None:
    """Print the address of Ray's dashboard and where its token is.

    The dashboard listens on loopback only and asks for the cluster's token. When the head is another machine, a
    tunnel leads to it until Ctrl-C.

    Example: styx dashboard hello
    """
    from styx.lifecycle.head import open_head

    with opening.session(opening.settings(), quiet=True) as session, open_head(name, session) as head:
        alive, address, token_at = head.ray.alive(), f"http://{head.address}", head.token_at
        remote = head.is_remote
        if json and remote:
            raise UsageError("the tunnel lasts as long as this command", "leave out --json")
        if json:
            describe.print_json({"address": address, "token_file": token_at, "alive": alive})
            return
        print(address if alive else f"{address} (does not answer; start it again with `styx apply`)", flush=True)
        print(f"token: in {token_at}; the page asks for it once", flush=True)
        if remote:
            print("Ctrl-C closes the tunnel", flush=True)
            threading.Event().wait()
