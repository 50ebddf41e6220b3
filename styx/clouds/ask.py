"""A cloud's own check, in a process of its own: `python -P -m styx.clouds.ask CLOUD` prints a finding a line, as JSON.

SDKs block, print, start threads and keep them: a process can be ended, and its output read by the line.
"""

import json
import sys
from dataclasses import asdict

from styx.clouds.find import by_id


def main(cloud_id: str) -> None:
    """Print each finding as soon as it is there: what is known when time is up is kept."""
    for finding in by_id(cloud_id).check():
        print(json.dumps(asdict(finding)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
