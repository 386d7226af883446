"""What the sandbox draws on: twice as large as shown, so that edges are smooth."""

import io
from random import Random

from PIL import Image, ImageColor, ImageDraw, ImageOps

SCALE = 2
Point = tuple[float, float]


def colour(hue: float, strength: int, light: int) -> str:
    """Return a colour by its hue in degrees, and percents."""
    return f"hsl({hue % 360:.0f}, {strength}%, {light}%)"


class Canvas:
    """A picture to draw on; `chance` is for what makes it differ from others of its kind."""

    def __init__(self, width: int, height: int, sky: tuple[str, str], chance: Random) -> None:
        """`sky` is the background's colours, from top to bottom."""
        self.width, self.height, self.chance = width, height, chance
        top, bottom = map(ImageColor.getrgb, sky)
        ramp = ImageOps.colorize(Image.linear_gradient("L").resize((1, 256)), top, bottom)
        self._picture = ramp.resize((width * SCALE, height * SCALE))
        self._draw = ImageDraw.Draw(self._picture)

    def disc(self, at: Point, radius: float, fill: str) -> None:
        """Draw a disc around a point."""
        x, y = at
        self._draw.ellipse(_scaled((x - radius, y - radius), (x + radius, y + radius)), fill=fill)

    def box(self, corner: Point, size: Point, fill: str, rounded: float = 0) -> None:
        """Draw a rectangle by its upper left corner and its size."""
        (x, y), (width, height) = corner, size
        self._draw.rounded_rectangle(_scaled(corner, (x + width, y + height)), rounded * SCALE, fill=fill)

    def shape(self, points: list[Point], fill: str) -> None:
        """Draw a filled shape by its corners."""
        self._draw.polygon(_scaled(*points), fill=fill)

    def line(self, points: list[Point], fill: str, width: float) -> None:
        """Draw a line through points."""
        self._draw.line(_scaled(*points), fill=fill, width=round(width * SCALE), joint="curve")

    def arc(self, at: Point, radius: float, span: tuple[float, float], fill: str, width: float) -> None:
        """Draw a part of a circle's line, `span` in degrees, clockwise from the right."""
        x, y = at
        corners = _scaled((x - radius, y - radius), (x + radius, y + radius))
        self._draw.arc(corners, *span, fill=fill, width=round(width * SCALE))

    def saved(self, kind: str = "JPEG") -> bytes:
        """Return the picture as the content of a file, "JPEG" or "PNG"."""
        content = io.BytesIO()
        self._picture.reduce(SCALE).save(content, kind, quality=88)
        return content.getvalue()


def _scaled(*points: Point) -> list[float]:
    return [value * SCALE for point in points for value in point]
