"""Rendering: a plan becomes a bundle of Terraform and Ansible text, the same bytes for the same input."""

from styx.render.bundle import Rendering, render, render_playbook
from styx.render.job import job

__all__ = ["Rendering", "job", "render", "render_playbook"]
