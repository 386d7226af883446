"""The bot's face: a folded newspaper, as Discord shows it beside each of its messages."""

from random import Random

import simcord
from simcord.backend.cdn import CDN_BASE

from bot.sandbox.canvas import Canvas

NAME = "broadsheet"  # stands for what Discord would name the picture by
SIDE = 256
BLUE, PAPER, INK, RED = "#3b6e8f", "#fdf6e3", "#26323d", "#c8503c"


def give_face(env: simcord.Env) -> dict[str, tuple[str, bytes]]:
    """Give the bot its face, and return a file name and the picture by the address that it has now."""
    user = env.backend.bot_user
    user.avatar = NAME
    return {f"{CDN_BASE}/avatars/{user.id}/{NAME}.png": ("face.png", draw_face())}


def draw_face() -> bytes:
    """Return the picture as a PNG; it may be cut to a circle."""
    canvas = Canvas(SIDE, SIDE, (BLUE, "#2a5169"), Random(0))  # noqa: S311 - nothing is left to chance
    canvas.shape([(186, 76), (206, 84), (206, 196), (186, 204)], "#d8cfb8")
    canvas.box((58, 58), (132, 146), PAPER, 6)
    canvas.box((72, 74), (104, 24), INK, 3)
    for x in (82, 98, 114, 130, 146, 160):
        canvas.box((x, 82), (8, 8), PAPER)
    canvas.box((72, 110), (48, 42), RED, 3)
    for y in (110, 124, 138):
        canvas.box((130, y), (46, 7), INK, 3)
    for y in (162, 176, 188):
        canvas.box((72, y), (48, 5), "#8a8f8d", 2)
        canvas.box((130, y), (46, 5), "#8a8f8d", 2)
    return canvas.saved("PNG")
