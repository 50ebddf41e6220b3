"""The kinds of value that a field of the spec holds, and how a wrong one is refused."""

import difflib
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

JsonSchema = dict[str, Any]

_Read = TypeVar("_Read")

STRING: JsonSchema = {"type": "string"}
NUMBER: JsonSchema = {"type": "number"}
INTEGER: JsonSchema = {"type": "integer"}
BOOLEAN: JsonSchema = {"type": "boolean"}


def wrong(message: str, hint: str = "", *path: str | int) -> PydanticCustomError:
    """Return the error that refuses a value; `path` leads from the field to the part that is wrong."""
    return PydanticCustomError("styx", "{message}", {"message": message, "hint": hint, "path": path})


def each(read: Callable[[Any, Any], _Read], items: Iterable[tuple[Any, Any]]) -> list[_Read]:
    """Return what `read` makes of every item; refuse all that are wrong at once."""
    found: list[_Read] = []
    refused: list[PydanticCustomError] = []
    for key, item in items:
        try:
            found.append(read(key, item))
        except PydanticCustomError as error:
            refused.append(error)
    if refused:
        first = refused[0].context or {}
        raise PydanticCustomError("styx", "{message}", {**first, "all": [error.context for error in refused]})
    return found


class Block(BaseModel):
    """A mapping of the spec with known keys; a key without a value is as good as absent."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


@dataclass(frozen=True, eq=False)
class Form:
    """A field that `read` turns into its value; `schemas` say for editors what may be written."""

    read: Callable[[Any], Any]
    schemas: tuple[JsonSchema, ...] = (STRING,)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let `read` alone decide."""
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        """Return what may be written."""
        return any_of(*self.schemas)


@dataclass(frozen=True, eq=False)
class Short(Form):
    """A block, or something shorter that `read` turns into the block's mapping, None, or the value itself."""

    block: Any = None
    """The block, when the field's type is wider."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read what is not a mapping first, then validate the block."""

        def either(value: object, block: ValidatorFunctionWrapHandler) -> object:
            read = value if isinstance(value, dict) else self.read(value)
            return block(read) if read is None or isinstance(read, dict) else read

        return core_schema.no_info_wrap_validator_function(either, handler(self.block or source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchema:
        """Return the short forms, then the block."""
        return any_of(*self.schemas, handler(schema))


def choice(*words: str) -> Form:
    """Return the form of a field that takes one of `words`, in upper or lower case."""

    def read(value: object) -> str:
        text = value.lower() if isinstance(value, str) else ""
        found = next((word for word in words if word.lower() == text), None)
        if found is None:
            near = difflib.get_close_matches(text, [word.lower() for word in words], n=1)
            raise wrong(f"must be one of {', '.join(words)}", f"did you mean `{near[0]}`?" if near else "")
        return found

    return Form(read, ({"enum": list(dict.fromkeys([*words, *map(str.lower, words), *map(str.upper, words)]))},))


def any_of(*schemas: JsonSchema) -> JsonSchema:
    """Return the schema of what meets one of `schemas`."""
    return dict(schemas[0]) if len(schemas) == 1 else {"anyOf": [dict(schema) for schema in schemas]}


def text_of(value: object, message: str, hint: str = "") -> str:
    """Return `value` when it is text; refuse it with `message` otherwise."""
    if not isinstance(value, str):
        raise wrong(message, hint)
    return value


_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+*=-]*")
_NAME = re.compile(r"[a-zA-Z0-9]+(?:[._-]{1,2}[a-zA-Z0-9]+)*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LONGEST_NAME = 63
LONGEST_WORD = 512
RESERVED = ("STYX_", "SKYPILOT_")
OF_A_REGISTRY = frozenset(f"{lead}DOCKER_{name}" for lead in RESERVED for name in ("SERVER", "USERNAME", "PASSWORD"))
"""By these a task logs in to the registry of its container's image."""

NOT_TEXT = "must be text"


def line(value: object) -> str:
    """Return text that stands on one line."""
    text = text_of(value, NOT_TEXT)
    if not text.strip():
        raise wrong("must not be empty", "give a value or remove the key")
    if _CONTROL.search(text):
        raise wrong("must be one line without control characters", "remove the line breaks and control characters")
    return text


def word(value: object) -> str:
    """Return what names a thing of a cloud: a region, a machine type, an image, a network."""
    text = line(value)
    if len(text) > LONGEST_WORD or not _WORD.fullmatch(text) or ".." in text:
        allowed = "letters, digits and . _ : / @ + = -, a letter or digit first"
        raise wrong(f"{shown(text)} is not a name", f"allowed are {allowed}, at most {LONGEST_WORD}")
    return text


def name(value: object) -> str:
    """Return a task's or a pipeline's name."""
    text = text_of(value, NOT_TEXT)
    if not _NAME.fullmatch(text) or len(text) > LONGEST_NAME:
        rule = f"ASCII letters and digits, joined by one or two of . _ -, at most {LONGEST_NAME} characters"
        raise wrong(f"{shown(text)} is not a name", rule)
    return text


def variable(value: object) -> str:
    """Return the name of an environment variable that a job may have."""
    text = text_of(value, NOT_TEXT)
    if not _VARIABLE.fullmatch(text) or len(text) > 255:
        raise wrong(f"{shown(text)} cannot name a variable", "use letters, digits and _, not a digit first")
    if text.upper().startswith(RESERVED) and text not in OF_A_REGISTRY:
        raise wrong(f"`{text}` is reserved", f"names that begin with {' or '.join(RESERVED)} are set by Styx")
    return text


def script(value: object) -> str:
    """Return shell text of any length."""
    return text_of(value, NOT_TEXT, "write the commands after `|` on lines of their own")


def version(value: object) -> str:
    """Return a version; the loader hands over numbers as they are written, so `3.10` stays 3.10."""
    text = text_of(value, NOT_TEXT, 'write it in quotes, such as "3.12"')
    if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z.+_!-]*", text):
        raise wrong(f"{shown(text)} is not a version", "write it as 1.2.3")
    return text


def flag(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise wrong("must be true or false")
    return value


def number(value: object) -> float:
    """Return a number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise wrong("must be a number")
    if value <= 0 or math.isinf(value):
        raise wrong("must be a number above 0")
    return value


def count(value: object) -> int:
    """Return a whole number, zero or more."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("must be a whole number")
    if value < 0:
        raise wrong("must not be negative")
    return value


def positive(value: object) -> int:
    """Return a whole number above zero."""
    if count(value) == 0:
        raise wrong("must be at least 1")
    return count(value)


def text_or_block(value: object) -> str | dict[str, Any]:
    """Return text, or a mapping whose keys are not judged."""
    if not isinstance(value, str | dict):
        raise wrong("must be text or a block of keys")
    return value


def shown(text: str) -> str:
    """Return `text` quoted for a message: short, and with every odd character escaped."""
    short = text if len(text) <= 60 else text[:57] + "..."
    return "`" + short.encode("unicode_escape").decode() + "`"


Line = Annotated[str, Form(line)]
Word = Annotated[str, Form(word)]
Name = Annotated[str, Form(name, ({"type": "string", "pattern": f"^{_NAME.pattern}$", "maxLength": LONGEST_NAME},))]
Variable = Annotated[str, Form(variable, ({"type": "string", "pattern": f"^{_VARIABLE.pattern}$"},))]
Script = Annotated[str, Form(script)]
Version = Annotated[str, Form(version, (STRING, NUMBER))]
Flag = Annotated[bool, Form(flag, (BOOLEAN,))]
Number = Annotated[float, Form(number, ({"type": "number", "exclusiveMinimum": 0},))]
Count = Annotated[int, Form(count, ({"type": "integer", "minimum": 0},))]
Positive = Annotated[int, Form(positive, ({"type": "integer", "minimum": 1},))]
TextOrBlock = Annotated[str | dict[str, Any], Form(text_or_block, (STRING, {"type": "object"}))]
