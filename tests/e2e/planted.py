"""What is planted in rendered modules, and who finds it."""

OPEN_AWS = ("firewall.tf", "cidr_blocks = ingress.value.cidrs", 'cidr_blocks = ["0.0.0.0/0"]')
READ_ALL = (
    "identity.tf",
    '"s3:GetObject"], Resource = formatlist("%s/*", values(local.readable))',
    '"*"], Resource = ["*"]',
)
BY_PASSWORD = 'admin_password = "Planted-1"\n  disable_password_authentication = false\n  vtpm_enabled '
PLANTED = {
    "aws-public": [
        (("main.tf", 'http_tokens   = "required"', 'http_tokens   = "optional"'), "CKV_AWS_79 aws_instance.machine"),
        (("main.tf", "    encrypted   = true\n", ""), ""),
        (("volumes.tf", "  encrypted         = true\n", ""), "CKV_AWS_3 aws_ebs_volume.disk"),
        (OPEN_AWS, ""),
        (READ_ALL, ""),
    ],
    "aws-private": [
        (("main.tf", "local.has_efa[each.key] ? null : false", "true"), "CKV_AWS_88 aws_instance.machine"),
        (("identity.tf", "policy/AmazonSSMManagedInstanceCore", "policy/AdministratorAccess"), ""),
    ],
    "gcp-public": [
        (("main.tf", 'serial-port-enable      = "FALSE"', 'serial-port-enable      = "TRUE"'), ""),
        (("main.tf", 'block-project-ssh-keys  = "TRUE"', ""), "CKV_GCP_32 google_compute_instance.machine"),
        (
            ("main.tf", "enable_vtpm                 = true", "enable_vtpm = false"),
            "CKV_GCP_39 google_compute_instance.machine",
        ),
        (("firewall.tf", "source_ranges = coalescelist(", 'source_ranges = coalescelist(["0.0.0.0/0"], '), ""),
    ],
    "gcp-private": [
        (
            ("main.tf", "    nic_type ", "    access_config {}\n    nic_type "),
            "CKV_GCP_40 google_compute_instance.machine",
        ),
    ],
    "azure-public": [
        (("main.tf", "vtpm_enabled ", BY_PASSWORD), "CKV_AZURE_149 azurerm_linux_virtual_machine.machine"),
        (
            ("main.tf", "allow_extension_operations = false", "allow_extension_operations = true"),
            "CKV_AZURE_50 azurerm_linux_virtual_machine.machine",
        ),
        (
            ("volumes.tf", "public_network_access_enabled = false", "public_network_access_enabled = true"),
            "CKV_AZURE_251 azurerm_managed_disk.volume",
        ),
        (
            ("firewall.tf", 'source_address_prefixes    = local.ingress["22"].cidrs', 'source_address_prefix = "*"'),
            "CKV_AZURE_10 azurerm_network_security_group.cluster",
        ),
    ],
    "azure-private": [
        (
            (
                "interfaces.tf",
                'allocation = "Dynamic"',
                'allocation = "Dynamic"\n    public_ip_address_id = azurerm_public_ip.bastion.id',
            ),
            "CKV_AZURE_119 azurerm_network_interface.machine",
        ),
    ],
}
"""Variant → ((file, what stands there, what is planted), the check and resource that fail; none where it is blind)."""

WEAK = {
    "aws-public": {
        "aws_ebs_volume: is in clear",
        "aws_iam_role_policy: allows everything",
        "aws_instance: has its disk in clear",
        "aws_instance: tells its role to whoever asks",
        "aws_security_group: is open to everybody",
    },
    "aws-private": {
        "aws_iam_role_policy_attachment: allows more than Session Manager",
        "aws_instance: has a public address",
    },
    "gcp-public": {
        "google_compute_firewall: is open to everybody",
        "google_compute_instance: has a serial port or the project's keys",
        "google_compute_instance: has no shield",
    },
    "gcp-private": {"google_compute_instance: has a public address"},
    "azure-public": {
        "azurerm_linux_virtual_machine: takes extensions",
        "azurerm_linux_virtual_machine: takes passwords",
        "azurerm_managed_disk: is reached from outside",
        "azurerm_network_security_group: is open to everybody",
    },
    "azure-private": {"azurerm_network_interface: has a public address"},
}
"""Variant → all that we find ourselves in what is planted."""
