"""Values from outside, as models check them, and what to say of one that is wrong."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import ErrorDetails, PydanticCustomError

from digests.ids import AN_ID, discord_id
from digests.text import glimpse

# By pydantic's kinds of errors; those of our own say in their message what was expected.
EXPECTED = {
    "string_type": "text",
    "string_too_short": "text that isn't empty",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_from_float": "a whole number",
    "greater_than_equal": "a number of at least {ge:,}",
    "less_than_equal": "a number of at most {le:,}",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "model_type": "a mapping",
    "too_short": "at least one item",
}
ALONE = {
    "missing": "is missing",
    "extra_forbidden": "is not known here: see how it is spelt, or leave it out",
}
TOO_LONG = {"string_too_long": "characters", "too_long": "items"}
KINDS: Mapping[type, str] = {
    dict: "a mapping",
    list: "a list",
    str: "the text",
    bool: "the boolean",
    int: "the number",
    float: "the number",
    datetime: "the time",
}
SHOWN_CHARACTERS = 60


def _moment(value: object) -> datetime:
    if isinstance(value, str):  # hand-written seeds quote it
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise PydanticCustomError("moment", "a time with its zone, such as 2020-06-11T18:49:00Z")
    return value


def _discord_id(value: object) -> int:
    found = discord_id(value)
    if found is None:
        raise PydanticCustomError("discord_id", AN_ID)
    return found


Moment = Annotated[datetime, BeforeValidator(_moment)]
DiscordId = Annotated[int, BeforeValidator(_discord_id)]


def explain(detail: ErrorDetails, longest: int = SHOWN_CHARACTERS) -> str:
    """Return what is wrong with a value, as pydantic found, in words that follow on the value's json_path.

    "expected a whole number, found the text 'many'"; text is cut to `longest` characters.
    """
    kind, found = detail["type"], detail["input"]
    if kind in ALONE:
        return ALONE[kind]
    if kind in TOO_LONG:
        return f"has {len(found):,} {TOO_LONG[kind]}; the limit is {detail['ctx']['max_length']:,}"
    if kind == "json_invalid":
        return f"not valid JSON: {detail['ctx']['error']}"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "too_short" and isinstance(found, str):
        kind = "string_too_short"
    if kind in EXPECTED:
        expected = EXPECTED[kind].format_map(detail.get("ctx", {}))
    else:
        expected = detail["msg"].removeprefix("Input should be ")
    return f"expected {expected}, found {_found(found, longest)}"


def json_path(path: tuple[str | int, ...]) -> str:
    """Return the way to a value as a person writes it: `related[3].quality`."""
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(parts).removeprefix(".")


def _found(value: Any, longest: int) -> str:
    if value is None:
        return "nothing"
    kind = KINDS.get(type(value), f"a value of type {type(value).__name__}")
    if isinstance(value, dict | list):
        return kind
    shown = glimpse(str(value), longest)
    return f"{kind} {shown!r}" if isinstance(value, str) else f"{kind} {shown}"
