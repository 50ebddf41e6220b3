"""`styx dashboard`: where Ray's own pages are."""

from styx.cli import describe, opening, options


def dashboard(name: options.Name, json: options.Json = False) -> None:
    """Print the address of Ray's dashboard and where its token is.

    The dashboard listens on this machine's loopback network only and asks for the cluster's token.

    Example: styx dashboard hello
    """
    from styx.lifecycle.head import open_head

    with opening.session(opening.settings(), quiet=True) as session, open_head(name, session) as head:
        host = head.record.hosts[0]
        alive = head.ray.alive()
        address, token_file = f"http://{host.private_address}:{host.ray_port + 1}", head.folders.token_file
    if json:
        describe.print_json({"address": address, "token_file": str(token_file), "alive": alive})
        return
    print(address if alive else f"{address} (does not answer; start it again with `styx apply`)")
    print(f"token: in {token_file}; the page asks for it once")
