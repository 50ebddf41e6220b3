"""Rendering: a plan becomes a bundle of Terraform and Ansible text, the same bytes for the same input."""

from styx.render.bundle import Rendering, render, render_playbook
from styx.render.job import command_job, job

__all__ = ["Rendering", "command_job", "job", "render", "render_playbook"]
