"""Loading the files that roles install or that Ansible runs: they are no packages."""

import importlib.util

import pytest

from styx import paths


@pytest.fixture(scope="session")
def load():
    """Give a loader of modules by their path below playbooks/roles."""

    def load_file(path):
        file = paths.playbooks() / "roles" / path
        spec = importlib.util.spec_from_file_location(f"{file.parent.name}_{file.stem}", file)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load_file
