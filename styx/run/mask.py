"""Taking secret values out of text before it is logged, shown or put into an error."""

import json
from collections.abc import Callable, Iterable

MASK = "***"
SHORTEST = 4
"""Shorter values are words of ordinary text; masking them would make a log unreadable and hide nothing."""


def masker(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that replaces each of `secrets`, and each line of one with several lines, by `***`.

    The forms that JSON gives a value are masked too, since both Terraform and Ansible print JSON.
    """
    longest_first = forms(secrets)

    def mask(text: str) -> str:
        for form in longest_first:
            text = text.replace(form, MASK)
        return text

    return mask


def forms(secrets: Iterable[str]) -> list[str]:
    """Return all that is masked of `secrets`, the longest first."""
    pieces = {piece for secret in secrets for piece in (secret, *secret.splitlines())}
    written = {form for piece in pieces if len(piece.strip()) >= SHORTEST for form in _forms(piece)}
    return sorted(written, key=lambda form: (-len(form), form))


def _forms(secret: str) -> tuple[str, ...]:
    """Return `secret` as it is, in JSON, in ASCII-only JSON, in Go's JSON, and in JSON within JSON."""
    plain = json.dumps(secret, ensure_ascii=False)[1:-1]
    ascii_only = json.dumps(secret)[1:-1]
    go = plain.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return (secret, plain, ascii_only, go, json.dumps(ascii_only)[1:-1])
