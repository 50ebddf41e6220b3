"""This machine as a cloud: no account, no root, no price."""
