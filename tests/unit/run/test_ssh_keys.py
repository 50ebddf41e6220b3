"""Keys that log in: made once, private to their owner, or the user's own."""

import stat

import pytest

from styx.errors import UsageError
from styx.run import ssh_keys


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path):
    key = ssh_keys.made(tmp_path / "keys", "demo")
    assert key.startswith("ssh-ed25519 ")
    assert key.endswith(" demo")
    assert ssh_keys.made(tmp_path / "keys", "another") == key
    assert stat.S_IMODE((tmp_path / "keys" / "id_ed25519").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_the_public_key_of_a_private_one_alone(tmp_path):
    key = ssh_keys.made(tmp_path, "demo")
    (tmp_path / "id_ed25519.pub").unlink()
    assert ssh_keys.public(tmp_path / "id_ed25519").split()[:2] == key.split()[:2]


def test_what_is_no_key_is_told(tmp_path):
    with pytest.raises(UsageError, match="there is no key"):
        ssh_keys.public(tmp_path / "none")
    (tmp_path / "text").write_text("not a key")
    (tmp_path / "text").chmod(0o600)
    with pytest.raises(UsageError, match="ssh-keygen:"):
        ssh_keys.public(tmp_path / "text")
