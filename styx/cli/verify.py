"""`styx verify`: the roles' own checks, on every host."""

from dataclasses import asdict

from styx.cli import console, describe, opening, options
from styx.errors import VerifyError


def verify(name: options.Name, json: options.Json = False) -> None:
    """Check on every host what its roles promise; exit 7 when something is not so.

    Example: styx verify hello
    """
    from styx.lifecycle.verify import verify_cluster

    with opening.session(opening.settings(), quiet=json) as session:
        found = verify_cluster(name, session)
    if json:
        describe.print_json([asdict(check) for check in found.checks])
    else:
        rows = [
            (check.role, check.host, check.name, ": ".join(filter(None, (check.result, check.message))))
            for check in sorted(found.checks, key=lambda check: (check.host, check.role))
        ]
        console.table(("role", "host", "check", "result"), rows)
    if found.failed:
        raise VerifyError(f"{console.plural(len(found.failed), 'check')} of {len(found.checks)} failed on {name}")
