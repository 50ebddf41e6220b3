"""What a plain (unquoted) word of YAML means: only what YAML 1.1 and 1.2 read alike, plus the booleans that all use."""

import math
import re

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]*(?:[eE][-+][0-9]+)?")
_ODD_NUMBER = re.compile(
    r"[-+]?(?:0[0-9_]+(?:\.[0-9]*)?|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*_[0-9_]*|\.[0-9]+|[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?"
    r"|[0-9.]+[eE][-+]?[0-9]+|\.(?:inf|Inf|INF)|[0-9]{20,})|\.(?:nan|NaN|NAN)|(?:[nN]a[nN]|NAN|[iI]nf)"
)


def resolve(text: str) -> str | int | float | bool | None:
    """Return what the plain scalar `text` stands for.

    `012`, `1:30`, `0x1F`, `1_000`, `.nan` and dates, which YAML's versions read differently, stay the text they are:
    right where text is meant, refused where a number is.
    """
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def is_odd_number(text: str) -> bool:
    """Tell whether `text` looks like a number that YAML readers disagree about."""
    return _ODD_NUMBER.fullmatch(text) is not None
