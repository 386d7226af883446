"""What Discord refuses of one story is left out of the message, which is then sent again, and is noted."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import discord

from bot.views.layout import View
from bot.views.pieces import leave_lists_out, leave_out, names_nothing, refused_pieces, whole_stories, without
from digests.stories.urls import is_showable
from storage.models import NOT_PUBLIC, Piece, PieceKind
from storage.refusals import Refusals

INVALID_FORM = 50035

Sent = TypeVar("Sent")


async def send_unrefused(refusals: Refusals, view: View, send: Callable[[View], Awaitable[Sent]]) -> Sent:
    """Send a message by `send`, each time without what Discord refused of stories, until it takes the rest.

    What it surely refuses, or refused lately, is left out from the start. Raises what `send` raises if no
    story is to blame.
    """

    def is_refused(piece: Piece) -> bool:
        return refusals.has(piece) or not _may_be_shown(piece)

    refusals.note((piece, NOT_PUBLIC) for piece in leave_out(view, is_refused))
    while True:
        try:
            return await send(view)
        except discord.HTTPException as error:
            if error.code != INVALID_FORM:
                raise
            if named := refused_pieces(view, error.text):
                refusals.note(named.items())
                leave_out(view, named.__contains__)
            elif names_nothing(error.text):
                return await _send_without_one(refusals, view, send, error)
            elif not leave_lists_out(view):
                raise


async def _send_without_one(
    refusals: Refusals, view: View, send: Callable[[View], Awaitable[Sent]], refused: discord.HTTPException
) -> Sent:
    """Send a message without the one story that Discord refuses but doesn't name, found by trying.

    Raises `refused` if none of them is to blame alone.
    """
    for story in whole_stories(view):
        with without(view, story):
            try:
                sent = await send(view)
            except discord.HTTPException as error:
                if error.code != INVALID_FORM:
                    raise
                continue
        refusals.note([(story, refused.text)])
        return sent
    raise refused


def _may_be_shown(piece: Piece) -> bool:
    """Say whether a piece is one that Discord doesn't surely refuse."""
    return piece.kind is PieceKind.STORY or any(map(is_showable, piece.value.split()))
