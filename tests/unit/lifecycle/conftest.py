"""A machine with the programs that a test names, and a cloud that another distribution brings."""

import sys
import textwrap

import pytest

from styx.clouds import find

TERRAFORM = '#!/bin/sh\necho \'{{"terraform_version": "{version}"}}\'\n'


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that leaves only these programs on PATH; terraform comes with its version."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def install(*names, terraform="1.11.4"):
        for name in names:
            (folder / name).symlink_to(sys.executable)
        if terraform:
            (folder / "terraform").write_text(TERRAFORM.format(version=terraform))
            (folder / "terraform").chmod(0o755)

    return install


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    """Return a function that installs a cloud `farm`, whose check is the body given."""
    folder = tmp_path / "site"
    folder.mkdir()

    def install(body):
        record = "from styx.clouds import Cloud\nfrom styx.clouds.readiness import Finding\n"
        record += f"def check():\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"
        record += "CLOUD = Cloud(id='farm', title='the farm', capabilities=frozenset(), check=check)\n"
        (folder / "farm_cloud.py").write_text(record)
        (folder / "farm-1.dist-info").mkdir()
        (folder / "farm-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: farm\nVersion: 1\n")
        (folder / "farm-1.dist-info" / "entry_points.txt").write_text("[styx.clouds]\nfarm = farm_cloud\n")
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setenv("PYTHONPATH", str(folder))
        forget()

    yield install
    sys.modules.pop("farm_cloud", None)
    monkeypatch.undo()
    forget()


def forget():
    """Forget which clouds there are."""
    find.ids.cache_clear()
    find._plugins.cache_clear()
