"""The job folders of this head, for who reaches it over SSH: `jobs.py JOBS VERB …`, with Python's own library alone.

    token FILE                         Ray's token
    make                               a new job from the JSON on stdin; its id
    ids                                one a line, the oldest first
    state ID                           status.json, {} before there is one
    log ID RANK|all TAIL|all follow|now    the log's bytes; `follow` until the job has ended and all is said

Exit codes: 3 no such job, 4 no such rank, 5 nothing was ever set up here.
"""

import json
import os
import sys
import time
from pathlib import Path

NO_JOB, NO_RANK, NOT_SET_UP = 3, 4, 5
CHUNK = 256 * 1024
POLL_S = 0.05


def ids(jobs: Path) -> list[str]:
    """Return the ids of all jobs, the oldest first."""
    return sorted((name for name in os.listdir(jobs) if name.isdigit()), key=int)


def make(jobs: Path, text: str) -> str:
    """Make a job's folder with job.json in it; return its id, one more than the newest."""
    job = json.loads(text)
    number = max((int(name) for name in ids(jobs)), default=0) + 1
    while True:
        try:
            (jobs / str(number)).mkdir(mode=0o700)
            break
        except FileExistsError:  # another caller was quicker
            number += 1
    job = {"id": str(number), **job, "task_id": f"{job['task_id']}-{number}"}
    file = jobs / str(number) / "job.json"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(job, stream)
    return str(number)


def state(folder: Path) -> dict:
    """Return what the job's driver tells."""
    try:
        return json.loads((folder / "status.json").read_bytes())
    except FileNotFoundError:
        return {}


def say(folder: Path, path: Path, tail: int | None, follow: bool) -> None:
    """Write a log to stdout."""
    position = start(path, tail) if path.exists() else 0
    ended = not follow
    while True:
        if path.exists():
            with path.open("rb") as stream:
                stream.seek(position)
                while chunk := stream.read(CHUNK):
                    position += len(chunk)
                    sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()
        if ended:
            return
        ended = state(folder).get("ended") is not None
        if not ended:
            time.sleep(POLL_S)


def start(path: Path, tail: int | None) -> int:
    """Return where the last `tail` lines begin."""
    if tail is None:
        return 0
    size = path.stat().st_size
    with path.open("rb") as stream:
        position, lines = size, 0
        while position > 0:
            step = min(CHUNK, position)
            position -= step
            stream.seek(position)
            block = stream.read(step)
            for at in range(step - 1, -1, -1):
                if block[at] == 0x0A and position + at != size - 1:
                    lines += 1
                    if lines == tail:
                        return position + at + 1
    return 0 if tail else size


def token(_jobs: Path, file: str) -> int:
    """Print Ray's token."""
    if not Path(file).is_file():
        return NOT_SET_UP
    print(Path(file).read_text(), end="")
    return 0


def log(jobs: Path, job_id: str, rank: str, tail: str, way: str) -> int:
    """Print a log."""
    folder = jobs / job_id
    path = folder / ("output.log" if rank == "all" else f"rank-{rank}.log")
    if rank != "all" and not path.exists() and state(folder).get("state", "pending") != "pending":
        return NO_RANK
    say(folder, path, None if tail == "all" else int(tail), follow=way == "follow")
    return 0


def answer(jobs: Path, verb: str, *words: str) -> int:
    """Do what is asked of the jobs; return the exit code."""
    if verb in ("state", "log") and not (words[0].isdigit() and (jobs / words[0]).is_dir()):
        return NO_JOB
    if verb == "log":
        return log(jobs, *words)
    texts = {"make": lambda: make(jobs, sys.stdin.read()), "ids": lambda: "\n".join(ids(jobs)),
             "state": lambda: json.dumps(state(jobs / words[0]))}  # fmt: skip
    print(texts[verb]())
    return 0


def main(jobs: Path, verb: str, *words: str) -> int:
    """Do what is asked; return the exit code."""
    if verb == "token":
        return token(jobs, *words)
    return answer(jobs, verb, *words) if jobs.is_dir() else NOT_SET_UP


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
    except BrokenPipeError:  # whoever listened has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
