"""`styx init`: a commented spec to start from, which runs on this machine as it is."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option, echo

from styx.errors import UsageError

SPEC = """\
# A Styx task: what it needs, and what it runs. `styx schema` prints every field for editors.
#
#   styx validate {file}     every fault with its line
#   styx plan {file}         where it goes and what it costs; writes infra/hello/
#   styx apply {file}        machines, hosts, job
#   styx destroy hello       nothing is left

name: hello

# Machines. `setup` and `run` are executed on each of them.
num_nodes: 1

resources:
  cpus: 1+                       # at least one vCPU
  memory: 1+                     # at least 1 GiB
  # infra: cloud/region/zone     # a place; without it the cheapest of the clouds that are enabled
  # accelerators: A100:8         # or {{A100: 8, H100: 8}} for either, or 80GB+ for any with that memory
  # use_spot: true
  # disk_size: 100               # GB
  # ports: 8080
  # any_of:                      # the cheapest of several
  #   - infra: cloud-a
  #   - infra: cloud-b
  #     use_spot: true

# Variables of setup and run. One without a value must be given: styx apply --env WHO=me
envs:
  GREETING: hello

# Never shown, logged or rendered: styx apply --secret HF_TOKEN
# secrets:
#   HF_TOKEN:

# The folder that reaches the hosts and that the job starts in, relative to this file.
# workdir: .

# More files: place on the hosts: path from here.
# file_mounts:
#   ~/data: ./data

# Runs first, on every machine.
# setup: |
#   pip install -r requirements.txt

# Runs on all machines at once; when one fails, all are stopped.
run: |
  echo "$GREETING from rank $STYX_NODE_RANK of $STYX_NUM_NODES on $(hostname)"

# What SkyPilot has no word for.
# styx:
#   budget: {{hourly: 10}}         # USD; a plan over it is refused
#   lifetime: 8h                 # a hard end
"""


def init(
    file: Annotated[Path, Argument(help="The spec to write.")] = Path("styx.task.yaml"),
    force: Annotated[bool, Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a commented spec to start from; it runs on this machine as it is.

    Example: styx init hello.yaml && styx plan hello.yaml
    """
    from styx import files

    if file.is_dir():
        raise UsageError(f"{file} is a folder", f"name a file: styx init {file / 'task.yaml'}")
    if (file.exists() or file.is_symlink()) and not force:
        raise UsageError(f"{file} is there already", "name another file, or give --force to write over it")
    files.write(file, SPEC.format(file=file), mode=0o644)
    echo(f"wrote {file}")
    echo(f"next: styx plan {file}")
