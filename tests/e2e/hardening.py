"""What no cluster may have, seen in what stands: no tool's blind spot is ours."""

import json

EVERYBODY = {"0.0.0.0/0", "::/0", "*", "Internet", "Any"}


def weaknesses(cloud, ledger, *, private):
    """Return what is wrong with what exists, as `kind: fault`; `private` machines must have no public address."""
    found = set()
    for kind, fault, is_wrong in RULES[cloud]:
        if not private and fault == "has a public address":
            continue
        if any(is_wrong(entry.attributes) for entry in ledger.entries(kind)):
            found.add(f"{kind}: {fault}")
    return found


def _aws_metadata(machine):
    (options,) = machine["metadata_options"]
    return (options["http_endpoint"], options["http_tokens"]) != ("enabled", "required")


def _aws_open(group):
    return any(
        EVERYBODY & {*(rule["cidr_blocks"] or ()), *(rule["ipv6_cidr_blocks"] or ())} for rule in group["ingress"]
    )


def _aws_policy(policy):
    statements = json.loads(policy["policy"])["Statement"]
    return any("*" in {word.split(":")[-1] for word in [*each["Action"], *each["Resource"]]} for each in statements)


def _gcp_metadata(machine):
    told = {name: value.upper() for name, value in machine["metadata"].items()}
    return (told.get("serial-port-enable"), told.get("block-project-ssh-keys")) != ("FALSE", "TRUE")


def _gcp_shield(machine):
    (shield,) = machine["shielded_instance_config"]
    return not (shield["enable_vtpm"] and shield["enable_integrity_monitoring"] and shield["enable_secure_boot"])


def _gcp_open(rule):
    sources = {*(rule["source_ranges"] or ()), *(rule["source_tags"] or ())}
    return rule["direction"] != "EGRESS" and (not sources or bool(EVERYBODY & sources))


def _azure_open(group):
    inbound = [rule for rule in group["security_rule"] if (rule["direction"], rule["access"]) == ("Inbound", "Allow")]
    return any(
        EVERYBODY & {rule["source_address_prefix"], *(rule["source_address_prefixes"] or ())} for rule in inbound
    )


def _azure_disk(disk):
    return disk["network_access_policy"] != "DenyAll" or disk["public_network_access_enabled"] is not False


RULES = {
    "aws": [
        ("aws_instance", "has a public address", lambda one: one["associate_public_ip_address"]),
        ("aws_instance", "has its disk in clear", lambda one: one["root_block_device"][0]["encrypted"] is not True),
        ("aws_instance", "tells its role to whoever asks", _aws_metadata),
        ("aws_ebs_volume", "is in clear", lambda one: one["encrypted"] is not True),
        ("aws_security_group", "is open to everybody", _aws_open),
        ("aws_iam_role_policy", "allows everything", _aws_policy),
        (
            "aws_iam_role_policy_attachment",
            "allows more than Session Manager",
            lambda one: not one["policy_arn"].endswith(":policy/AmazonSSMManagedInstanceCore"),
        ),
    ],
    "gcp": [
        ("google_compute_instance", "has a public address", lambda one: one["network_interface"][0]["access_config"]),
        ("google_compute_instance", "has a serial port or the project's keys", _gcp_metadata),
        ("google_compute_instance", "has no shield", _gcp_shield),
        ("google_compute_firewall", "is open to everybody", _gcp_open),
    ],
    "azure": [
        (
            "azurerm_network_interface",
            "has a public address",
            lambda one: one["ip_configuration"][0]["public_ip_address_id"],
        ),
        (
            "azurerm_linux_virtual_machine",
            "takes passwords",
            lambda one: one["admin_password"] or one["disable_password_authentication"] is False,
        ),
        (
            "azurerm_linux_virtual_machine",
            "takes extensions",
            lambda one: one["allow_extension_operations"] is not False,
        ),
        ("azurerm_linux_virtual_machine", "has no trusted launch", lambda one: not one["vtpm_enabled"]),
        ("azurerm_managed_disk", "is reached from outside", _azure_disk),
        ("azurerm_network_security_group", "is open to everybody", _azure_open),
    ],
}
"""Cloud → (kind, what is wrong, whether it is)."""
