"""What checkov must let pass in the modules, and what it may not."""

GCP_FIREWALL = "CKV_GCP_2 CKV_GCP_3 CKV_GCP_75 CKV_GCP_77 CKV_GCP_88 CKV_GCP_106 CKV2_GCP_12"
GCP_MACHINE = "CKV_GCP_31 CKV_GCP_32 CKV_GCP_34 CKV_GCP_35 CKV_GCP_36 CKV_GCP_39"
AZURE_MACHINE = "CKV_AZURE_1 CKV_AZURE_50 CKV_AZURE_92 CKV_AZURE_149 CKV_AZURE_178"
AZURE_FIREWALL = "CKV_AZURE_9 CKV_AZURE_10 CKV_AZURE_77 CKV_AZURE_160"

MUST_PASS = {
    "aws-public": {
        "aws.default": "CKV_AWS_41",
        "aws_ami.newest": "CKV_AWS_386",
        "aws_ebs_volume.disk": "CKV_AWS_3 CKV2_AWS_2",
        "aws_iam_role.machine": "CKV_AWS_60 CKV_AWS_61 CKV_AWS_274 CKV2_AWS_56",
        "aws_iam_role_policy.buckets": "CKV_AWS_62 CKV_AWS_63",
        "aws_instance.machine": "CKV_AWS_8 CKV_AWS_46 CKV_AWS_79 CKV2_AWS_41",
        "aws_security_group.cluster": "CKV_AWS_23 CKV_AWS_24 CKV_AWS_25 CKV_AWS_260 CKV_AWS_277 CKV2_AWS_5",
        "aws_subnet.zone": "CKV_AWS_130",
    },
    "aws-private": {
        "aws_iam_role.machine": "CKV_AWS_60 CKV_AWS_61 CKV_AWS_274 CKV2_AWS_56",
        "aws_instance.machine": "CKV_AWS_8 CKV_AWS_46 CKV_AWS_79 CKV_AWS_88 CKV2_AWS_41",
        "aws_launch_template.efa": "CKV_AWS_46 CKV_AWS_88 CKV_AWS_341",
        "aws_route.internet": "CKV2_AWS_35",
        "aws_security_group.cluster": "CKV_AWS_23 CKV_AWS_24 CKV_AWS_25 CKV_AWS_260 CKV_AWS_277 CKV_AWS_382 CKV2_AWS_5",
        "aws_subnet.public": "CKV_AWS_130",
        "aws_subnet.zone": "CKV_AWS_130",
    },
    "gcp-public": {
        "google_compute_firewall.inside": GCP_FIREWALL,
        "google_compute_firewall.port": GCP_FIREWALL,
        "google_compute_instance.machine": f"{GCP_MACHINE} CKV_GCP_30",
        "google_compute_network.cluster": "CKV2_GCP_18",
        "google_storage_bucket_iam_member.machine": "CKV_GCP_28",
    },
    "gcp-private": {
        "google_compute_firewall.egress": GCP_FIREWALL,
        "google_compute_firewall.inside": GCP_FIREWALL,
        "google_compute_firewall.port": GCP_FIREWALL,
        "google_compute_firewall.tunnel": GCP_FIREWALL,
        "google_compute_instance.machine": f"{GCP_MACHINE} CKV_GCP_40",
        "google_compute_network.cluster": "CKV2_GCP_18",
        "google_compute_subnetwork.cluster": "CKV_GCP_74",
    },
    "azure-public": {
        "azurerm_linux_virtual_machine.machine": AZURE_MACHINE,
        "azurerm_managed_disk.volume": "CKV_AZURE_2 CKV_AZURE_251",
        "azurerm_network_interface.machine": "CKV_AZURE_118",
        "azurerm_network_security_group.cluster": AZURE_FIREWALL,
    },
    "azure-private": {
        "azurerm_linux_virtual_machine.machine": AZURE_MACHINE,
        "azurerm_network_interface.machine": "CKV_AZURE_118 CKV_AZURE_119 CKV2_AZURE_39",
        "azurerm_network_security_group.cluster": AZURE_FIREWALL,
    },
}
"""Variant → resource → the checks that must pass."""

MAY_FAIL = {
    "CKV_AWS_126": "detailed monitoring costs money",
    "CKV_AWS_135": "machines are EBS-optimized by their types; the old ones that are not would be refused with it",
    "CKV_AWS_189": "disks are encrypted by the account's key for EBS",
    "CKV2_AWS_11": "flow logs cost money, and want a place to be kept",
    "CKV2_AWS_12": "nothing is in the network's default security group",
    "CKV_AZURE_93": "disks are encrypted by Azure's keys",
    "CKV_GCP_26": "flow logs cost money",
    "CKV_GCP_37": "disks are encrypted by Google's keys",
    "CKV_GCP_38": "disks are encrypted by Google's keys",
    ("aws-private", "CKV_AWS_79", "aws_launch_template.efa"): "the machine says it itself",
    ("aws-public", "CKV_AWS_88", "aws_instance.machine"): "public as asked",
    ("aws-public", "CKV_AWS_382", "aws_security_group.cluster"): "no limit was asked for",
    ("azure-public", "CKV_AZURE_119", "azurerm_network_interface.machine"): "public as asked",
    ("gcp-public", "CKV_GCP_40", "google_compute_instance.machine"): "public as asked",
}
"""Check, or (variant, check, resource) → why."""
