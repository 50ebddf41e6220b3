"""Ansible module: what NVIDIA has in a machine, and whether its driver works."""

import glob
import os
import subprocess

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: nvidia_state
short_description: What NVIDIA has in a machine, and whether its driver works
description:
  - Counts GPUs and NVSwitches on the PCI bus, and asks nvidia-smi for the driver's version.
options:
  devices:
    description: Where the kernel lists the devices.
    type: path
    default: /sys/bus/pci/devices
"""

VENDOR = "0x10de"
DISPLAYS = ("0x0300", "0x0302")
"""The first digits of the class of a device that is a GPU: VGA or 3D controller."""
SWITCHES = ("0x0680",)
"""NVSwitches are bridges of no other kind."""
QUERY = ("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader")
TIMEOUT_S = 120
"""The first question to big machines takes long: the driver starts every GPU."""


def read(folder, name):
    try:
        with open(os.path.join(folder, name), encoding="ascii") as stream:
            return stream.read().strip()
    except OSError:
        return ""


def count(devices, classes):
    return sum(
        read(folder, "vendor") == VENDOR and read(folder, "class").startswith(classes)
        for folder in glob.glob(os.path.join(devices, "*"))
    )


def asked():
    """Return the driver's version for each GPU that works, and what nvidia-smi said instead."""
    try:
        done = subprocess.run(QUERY, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    except FileNotFoundError:
        return [], "there is no nvidia-smi"
    except subprocess.TimeoutExpired:
        return [], f"nvidia-smi did not answer in {TIMEOUT_S} s"
    if done.returncode:
        return [], (done.stdout + done.stderr).strip()
    return done.stdout.split(), ""


def main():
    module = AnsibleModule(
        argument_spec={"devices": {"type": "path", "default": "/sys/bus/pci/devices"}}, supports_check_mode=True
    )
    devices = module.params["devices"]
    versions, said = asked()
    module.exit_json(
        changed=False,
        gpus=count(devices, DISPLAYS),
        switches=count(devices, SWITCHES),
        working=len(versions),
        driver=versions[0] if versions else "",
        said=said,
    )


if __name__ == "__main__":
    main()
