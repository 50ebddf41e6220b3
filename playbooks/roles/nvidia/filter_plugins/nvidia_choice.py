"""What is to be installed on a machine with NVIDIA's GPUs: a table of what is supported, the machine, the wishes."""


def nvidia_choice(support, machine, asked):
    """Return the packages, by kind, and in `refused` why it cannot be.

    `machine` has system, processor, gpu (a name), count (of the plan), gpus and switches (that are there) and driver
    (the version that works);
    `asked` has driver, cuda, cudnn and containers.
    """
    # Templates of older releases of Ansible give text.
    machine = {**machine, **{name: int(machine[name]) for name in ("gpus", "switches", "count")}}
    asked = {**asked, "containers": str(asked["containers"]) == "True"}
    system = support["systems"].get(machine["system"])
    processor = support["processors"].get(machine["processor"])
    if not system or not processor:
        known = ", ".join(support["systems"])
        return nothing(f"{machine['system']} on {machine['processor']} is not in the table; it has {known}")
    generation = generation_of(support, machine["gpu"])
    branch = driver_branch(support, generation, machine, asked)
    refused = refusals(support, system, generation, {**asked, "branch": branch}, machine)
    if refused:
        return nothing(*refused)
    return {
        "refused": [],
        "repository": f"{system.get('repository', machine['system'])}/{processor}",
        "deb": {"x86_64": "amd64", "aarch64": "arm64"}[machine["processor"]],
        "branch": branch,
        "driver": [driver_package(generation, branch)] if branch else [],
        "toolkit": toolkit(asked),
        "containers": ["nvidia-container-toolkit"] if asked["containers"] and machine["gpus"] else [],
        "fabric": fabric(support, machine, branch),
    }


def nothing(*refused):
    """Return a choice of nothing, for these reasons."""
    names = ("driver", "toolkit", "containers", "fabric")
    return {"refused": list(refused), "repository": "", "deb": "", "branch": 0, **{name: [] for name in names}}


def generation_of(support, gpu):
    """Return the row of a GPU; one that the table does not know is newer than the table."""
    rows = [row for row in support["generations"] if gpu.lower() in [name.lower() for name in row["gpus"]]]
    return rows[0] if rows else {"name": gpu or "GPU", "modules": "open", "driver": {}, "cuda": {}}


def driver_branch(support, generation, machine, asked):
    """Return the branch to install; 0 when the driver that works stays, or there is nothing to drive."""
    if not machine["gpus"]:
        return 0
    works = branch_of(machine["driver"])
    if asked["driver"]:
        wanted = branch_of(asked["driver"])
        return wanted if wanted > works else 0
    if works:
        return 0
    last = min(support["driver"]["last"], generation["driver"].get("last", support["driver"]["last"]))
    return min(support["driver"]["default"], last)


def refusals(support, system, generation, asked, machine):
    """Return why something that is asked for cannot be."""
    branch, works = asked["branch"], branch_of(machine["driver"])
    found = [*outside(generation["name"], "driver", branch, generation["driver"])] if branch else []
    if machine["count"] and not machine["gpus"] and "gpus" in generation:
        found.append(f"the plan has {machine['count']} {machine['gpu']}, and no device of this machine is NVIDIA's")
    if branch and not system["driver_first"] <= branch <= support["driver"]["last"]:
        there = f"{system['driver_first']} to {support['driver']['last']}"
        found.append(f"for {machine['system']} there are drivers {there}, and not {branch}")
    if asked["cuda"]:
        found += cuda_refusals(support, system, generation, asked, branch or works)
    if asked["cudnn"] and asked["cudnn"].split(".")[0] not in support["cudnn"]["majors"]:
        found.append(f"cuDNN {asked['cudnn']} is not in the table; it has {', '.join(support['cudnn']['majors'])}")
    return found


def cuda_refusals(support, system, generation, asked, driver):
    """Return why a version of CUDA cannot be on this system, this GPU or with this driver."""
    cuda = asked["cuda"]
    if cuda not in support["cuda_own_driver"]:
        return [f"CUDA {cuda} is not in the table; it has {', '.join(support['cuda_own_driver'])}"]
    found = [*outside(generation["name"], "CUDA", cuda, generation["cuda"])]
    if version(cuda) < version(system["cuda_first"]):
        found.append(f"for this system there is CUDA from {system['cuda_first']} on, and not {cuda}")
    least = support["cuda_least_driver"][cuda.split(".")[0]]
    if driver and driver < least:
        how = f"ask for it: driver: {support['driver']['default']}"
        found.append(f"CUDA {cuda} needs driver {least} or newer, and {driver} works here and is left as it is; {how}")
    return found


def outside(name, kind, value, bounds):
    """Yield that a version is outside of those that support a generation of GPUs."""
    if "first" in bounds and version(value) < version(bounds["first"]):
        yield f"{name} needs {kind} {bounds['first']} or newer, and not {value}"
    # A last version holds for all below it: CUDA 12 for 12.9.
    if "last" in bounds and version(value)[: len(version(bounds["last"]))] > version(bounds["last"]):
        yield f"{name} is supported up to {kind} {bounds['last']}, and not by {value}"


def version(text):
    """Return a version as numbers that compare."""
    return [int(part) for part in str(text).split(".")]


def branch_of(driver):
    """Return the branch of a driver's version; 0 for none."""
    return version(driver)[0] if driver else 0


def driver_package(generation, branch):
    """Return the package of NVIDIA's repository; both bring nvidia-smi and CUDA's library of the driver."""
    return f"nvidia-open-{branch}" if generation["modules"] == "open" else f"cuda-drivers-{branch}"


def toolkit(asked):
    """Return the packages of CUDA and cuDNN."""
    if not asked["cuda"]:
        return []
    packages = [f"cuda-toolkit-{asked['cuda'].replace('.', '-')}"]
    if asked["cudnn"]:
        kind, pin = f"cuda-{asked['cuda'].split('.')[0]}", f"{asked['cudnn']}.*"
        packages += [f"libcudnn9-{kind}={pin}", f"libcudnn9-dev-{kind}={pin}"]
    return packages


def fabric(support, machine, branch):
    """Return the packages that set switches between GPUs up; their version is the driver's own."""
    nvlink5 = machine["gpu"] in support["nvlink5"]["gpus"] and machine["gpus"] == support["nvlink5"]["count"]
    if not machine["switches"] and not nvlink5:
        return []
    manager = f"nvidia-fabricmanager-{branch or branch_of(machine['driver'])}"
    return [manager, "nvlsm"] if nvlink5 else [manager]


class FilterModule:
    """The filters of this role."""

    def filters(self):
        """Return them by name."""
        return {"nvidia_choice": nvidia_choice}
