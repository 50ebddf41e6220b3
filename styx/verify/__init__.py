"""Checking that hosts are what their roles promise."""
