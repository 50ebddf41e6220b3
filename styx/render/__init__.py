"""Rendering: a plan becomes a bundle of Terraform and Ansible text, the same bytes for the same input."""

from styx.render.bundle import Rendering, render, render_playbook
from styx.render.job import job
from styx.render.volumes import name as volume_name
from styx.render.wanted import both, image_key

__all__ = ["Rendering", "both", "image_key", "job", "render", "render_playbook", "volume_name"]
