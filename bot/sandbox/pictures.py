"""Plain pictures for the sandbox's made-up outlets, because its page fetches none."""

import io
from collections.abc import Iterable
from hashlib import blake2b
from urllib.parse import urlsplit

from PIL import Image, ImageColor, ImageOps

MAX_PICTURES = 200


def draw_pictures(urls: Iterable[str]) -> dict[str, tuple[str, bytes]]:
    """Return a file name and a PNG for up to MAX_PICTURES addresses of made-up outlets."""
    made_up = [url for url in urls if (urlsplit(url).hostname or "").endswith(".example")]
    return {url: ("picture.png", _picture(url)) for url in made_up[:MAX_PICTURES]}


def _picture(url: str) -> bytes:
    """Return a small square in two colours that depend on the address alone."""
    hues = [value * 360 // 256 for value in blake2b(url.encode(), digest_size=2).digest()]
    picture = Image.linear_gradient("L").resize((96, 96))
    dark, light = (
        ImageColor.getrgb(f"hsl({hue}, 45%, {tone}%)") for hue, tone in zip(hues, (30, 70), strict=True)
    )
    content = io.BytesIO()
    ImageOps.colorize(picture, dark, light).save(content, "PNG")
    return content.getvalue()
