"""What the role hardening promises, seen from the host."""

import pytest


def test_nobody_gets_in_with_a_password(host):
    with host.sudo():
        said = host.check_output("sshd -T")
    assert "passwordauthentication no" in said
    assert "kbdinteractiveauthentication no" in said


def test_what_is_not_let_in_is_dropped(host, node):
    if not node.get("styx_firewall"):
        pytest.skip("the cloud's firewall decides")
    with host.sudo():
        rules = host.check_output("nft list table inet styx")
    assert "policy drop" in rules
    for rule in node["styx_firewall"]:
        assert all(cidr.removesuffix("/32") in rules for cidr in rule["cidrs"])
    assert host.service("styx-firewall").is_enabled
