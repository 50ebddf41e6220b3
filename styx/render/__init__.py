"""Rendering: a plan becomes a bundle of Terraform and Ansible text, the same bytes for the same input."""

from styx.render.bundle import Rendering, render

__all__ = ["Rendering", "render"]
