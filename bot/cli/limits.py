"""The option that limits a source or a topic to some servers."""

from typing import Annotated, Any

import typer

from storage.models import LARGEST


def server_ids(text: str) -> tuple[int, ...]:
    """Return the ids in a list with commas, none for “all”; raises BadParameter."""
    if text.strip().lower() == "all":
        return ()
    ids = [each.strip() for each in text.split(",") if each.strip()]
    if not ids or not all(each.isdecimal() and len(each) < 20 and 0 < int(each) <= LARGEST for each in ids):
        raise typer.BadParameter("give ids of servers, such as 80351110224678912, or “all”.")
    return tuple(dict.fromkeys(map(int, ids)))


Servers = Annotated[
    Any,
    typer.Option(
        parser=server_ids,
        metavar="ID,…",
        help="The only servers that it shows in, or “all”. It shows nowhere else, not in DMs either.",
    ),
]
