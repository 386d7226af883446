"""Discord's ids as people write them."""

from storage.models import LARGEST

AN_ID = "a Discord id, a number such as 80351110224678912"
MAX_DIGITS = 60


def discord_id(value: object) -> int | None:
    """Return the id that a number or its digits stand for, None if it can be none."""
    number = value
    if isinstance(value, str) and len(value) < MAX_DIGITS and value.strip().isdecimal():
        number = int(value)
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number <= LARGEST:
        return number
    return None
