"""Wait until rclone's cache holds nothing that is still to be written to the bucket: uploaded.py FOLDER SECONDS.

rclone itself ends without it, and goes on when it is started again, which a machine that is destroyed never is.
"""

import json
import os
import sys
import time


def waiting(folder):
    """Return the files of the cache that the bucket does not have as they are."""
    found = []
    for place, _, names in os.walk(os.path.join(folder, "vfsMeta")):
        for name in names:
            path = os.path.join(place, name)
            if is_dirty(path):
                found.append(os.path.relpath(path, folder))
    return found


def is_dirty(path):
    try:
        with open(path, encoding="utf-8") as stream:
            return bool(json.load(stream).get("Dirty"))
    except FileNotFoundError:
        return False
    except ValueError:  # it is being written
        return True


def main():
    folder, end = sys.argv[1], time.monotonic() + float(sys.argv[2])
    while left := waiting(folder):
        if time.monotonic() > end:
            sys.exit(f"not in the bucket: {', '.join(left)}")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
