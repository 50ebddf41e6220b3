"""The requests that a server answers; each file is a group of them."""
