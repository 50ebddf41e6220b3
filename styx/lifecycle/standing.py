"""Finding a cluster by its name."""

import difflib
import re

from styx.errors import UsageError
from styx.lifecycle.session import Session
from styx.state import ClusterRecord


def standing(name: str, session: Session) -> ClusterRecord:
    """Return the record of cluster `name`; raise UsageError, naming the nearest, when there is none."""
    for spelling in (name, re.sub(r"[._]+", "-", name.lower())):
        if record := session.store.cluster(spelling):
            return record
    known = [record.name for record in session.store.clusters()]
    near = difflib.get_close_matches(name, known, n=1)
    listed = f"the clusters are: {', '.join(known)}" if known else "no cluster stands; make one with `styx apply SPEC`"
    raise UsageError(f"there is no cluster {name!r}", f"did you mean {near[0]}?" if near else listed)
