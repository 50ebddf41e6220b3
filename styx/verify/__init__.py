"""Checking that hosts are what their roles promise."""

from styx.verify.checks import Check, Verification, verify

__all__ = ["Check", "Verification", "verify"]
