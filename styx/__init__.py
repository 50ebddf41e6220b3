"""Styx turns one task spec into reviewed Terraform and Ansible, a verified Ray cluster, and a finished job."""

__version__ = "0.1.0"
