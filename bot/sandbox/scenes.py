"""Simple drawn scenes, one for each kind of thing that the samples tell of."""

from collections.abc import Callable
from math import cos, pi, sin

from bot.sandbox.canvas import Canvas, Point, colour

WIDTH, HEIGHT = 480, 270
PALE = "#fdf6e3"
INK = "#26323d"
RED = "#c8503c"
Scene = Callable[[Canvas, float], None]


def space(canvas: Canvas, hue: float) -> None:
    """Draw a lander on bare ground below stars and a planet."""
    chance = canvas.chance
    for _ in range(60):
        canvas.disc((chance.uniform(0, WIDTH), chance.uniform(0, 190)), chance.choice([0.7, 1, 1.6]), PALE)
    planet, size = (chance.uniform(290, 340), chance.uniform(55, 90)), chance.uniform(28, 46)
    canvas.disc(planet, size, colour(hue + 150, 45, 66))
    canvas.disc((planet[0] - size * 0.3, planet[1] - size * 0.2), size * 0.24, colour(hue + 150, 40, 58))
    canvas.disc((planet[0] + size * 0.3, planet[1] + size * 0.35), size * 0.16, colour(hue + 150, 40, 58))
    canvas.shape(_hills(canvas, 205, 14, 3), colour(hue, 14, 62))
    for _ in range(5):
        x, y = chance.uniform(10, 470), chance.uniform(232, 260)
        canvas.box((x, y), (chance.uniform(20, 46), 7), colour(hue, 12, 52), 4)
    x = chance.uniform(160, 230)
    for foot in (-34, 34):
        canvas.line([(x + foot * 0.4, 186), (x + foot, 222)], INK, 4)
        canvas.disc((x + foot, 223), 5, INK)
    canvas.box((x - 24, 160), (48, 32), "#d9a441", 5)
    canvas.box((x - 13, 140), (26, 22), PALE, 6)
    canvas.line([(x, 140), (x, 116)], INK, 3)
    canvas.arc((x, 112), 12, (0, 180), PALE, 5)


def sea(canvas: Canvas, hue: float) -> None:
    """Draw a ship on waves, and a lighthouse."""
    chance = canvas.chance
    canvas.disc((chance.uniform(30, 110), chance.uniform(50, 80)), 24, PALE)
    canvas.shape(
        [(40, 220), (90, 176), (140, 166), (200, 172), (240, 205), (260, 220)], colour(hue + 180, 14, 36)
    )
    canvas.shape([(138, 172), (146, 72), (170, 72), (178, 172)], PALE)
    canvas.shape([(142, 132), (144, 104), (172, 104), (174, 132)], RED)
    canvas.box((142, 52), (32, 22), INK, 3)
    canvas.shape([(138, 54), (158, 36), (178, 54)], RED)
    canvas.shape([(170, 60), (480, 14), (480, 112)], colour(48, 90, 82))
    canvas.disc((158, 63), 6, colour(48, 95, 70))
    x, y = chance.uniform(236, 300), 178
    canvas.shape([(x, y), (x + 120, y), (x + 102, y + 34), (x + 16, y + 34)], INK)
    canvas.box((x + 28, y - 24), (60, 24), PALE, 2)
    canvas.box((x + 62, y - 46), (16, 24), RED)
    for window in range(3):
        canvas.disc((x + 40 + window * 16, y - 12), 4, colour(hue, 40, 40))
    for row, light in enumerate((46, 38, 31)):
        _waves(canvas, 206 + row * 20, colour(hue, 45, light), row * 17)


def bridge(canvas: Canvas, hue: float) -> None:
    """Draw a bridge across a river, with its middle swung open."""
    canvas.disc((canvas.chance.uniform(60, 420), 58), 26, colour(40, 90, 76))
    canvas.shape(_hills(canvas, 150, 18, 2), colour(hue + 60, 22, 46))
    for left in (-12, 302):
        canvas.box((left, 150), (190, 14), INK)
        for post in range(0, 190, 38):
            canvas.line([(left + post, 150), (left + post + 38, 118)], INK, 4)
            canvas.line([(left + post + 38, 150), (left + post, 118)], INK, 4)
        canvas.line([(left, 118), (left + 190, 118)], INK, 5)
    for pier in (152, 304):
        canvas.box((pier, 160), (24, 70), colour(30, 12, 58))
    canvas.shape([(226, 100), (254, 100), (262, 200), (218, 200)], RED)
    canvas.line([(222, 150), (258, 150)], PALE, 4)
    for row, light in enumerate((48, 40, 33)):
        _waves(canvas, 206 + row * 20, colour(hue, 45, light), row * 23)


def land(canvas: Canvas, hue: float) -> None:
    """Draw hills with wind turbines and trees."""
    chance = canvas.chance
    canvas.disc((chance.uniform(60, 420), chance.uniform(50, 90)), 30, colour(44, 90, 78))
    canvas.shape(_hills(canvas, 150, 26, 3), colour(hue, 22, 62))
    for x in (chance.uniform(80, 140), chance.uniform(200, 260), chance.uniform(330, 400)):
        y, turn = chance.uniform(60, 90), chance.uniform(0, 2)
        canvas.shape([(x - 2, y), (x + 2, y), (x + 4, 200), (x - 4, 200)], PALE)
        for blade in range(3):
            angle = turn + blade * 2 * pi / 3
            canvas.line([(x, y), (x + 36 * cos(angle), y + 36 * sin(angle))], PALE, 4)
        canvas.disc((x, y), 5, INK)
    canvas.shape(_hills(canvas, 190, 18, 2), colour(hue, 30, 46))
    for _ in range(9):
        x, y = chance.uniform(10, 470), chance.uniform(205, 240)
        canvas.box((x - 2, y), (4, 22), INK)
        canvas.disc((x, y - 6), 14, colour(hue + 10, 38, 30))
    canvas.shape(_hills(canvas, 240, 10, 3), colour(hue, 34, 36))


def health(canvas: Canvas, hue: float) -> None:
    """Draw a heart with its beat, and a stethoscope."""
    tube, stem, x = INK, 344, canvas.chance.uniform(176, 196)
    canvas.arc((stem, 96), 44, (0, 180), tube, 8)
    for side in (-44, 44):
        canvas.line([(stem + side, 96), (stem + side * 0.7, 34)], tube, 7)
        canvas.disc((stem + side * 0.7, 32), 8, PALE)
    canvas.line([(stem, 140), (stem, 190)], tube, 8)
    canvas.arc((stem - 28, 190), 28, (0, 180), tube, 8)
    canvas.line([(stem - 56, 190), (stem - 56, 172)], tube, 8)
    canvas.disc((stem - 56, 160), 20, PALE)
    canvas.disc((stem - 56, 160), 12, colour(hue, 30, 55))
    for side in (-40, 40):
        canvas.disc((x + side, 108), 50, RED)
    canvas.shape([(x - 86, 128), (x + 86, 128), (x, 222)], RED)
    beat: list[Point] = [(20, 140), (x - 60, 140), (x - 40, 116), (x - 16, 172), (x + 8, 96), (x + 30, 140)]
    canvas.line([*beat, (x + 96, 140)], PALE, 6)


def books(canvas: Canvas, hue: float) -> None:
    """Draw a shelf of books, one of them leaning, and a lamp."""
    chance, x = canvas.chance, 70.0
    canvas.box((0, 222), (WIDTH, 14), colour(28, 38, 34))
    while x < 230:
        width, height = chance.uniform(18, 38), chance.uniform(96, 160)
        shade = colour(hue + chance.choice([0, 40, 150, 200]), 38, chance.randint(38, 62))
        canvas.box((x, 222 - height), (width, height), shade, 2)
        canvas.box((x + 4, 222 - height + 16), (width - 8, 5), PALE)
        canvas.box((x + 4, 222 - 26), (width - 8, 4), PALE)
        x += width + 2
    canvas.shape([(x + 4, 222), (x + 28, 222), (x + 60, 112), (x + 38, 102)], RED)
    canvas.shape([(322, 92), (420, 222), (280, 222)], colour(48, 85, 84))
    canvas.line([(378, 222), (378, 150), (336, 84)], INK, 6)
    canvas.shape([(292, 96), (352, 60), (360, 92), (312, 118)], INK)
    canvas.box((350, 214), (56, 9), INK, 4)


def robot(canvas: Canvas, hue: float) -> None:
    """Draw a friendly robot that waves."""
    chance = canvas.chance
    canvas.box((0, 222), (WIDTH, 48), colour(hue, 20, 34))
    for left, right in ((10, 110), (10, 110), (350, 430), (350, 430)):
        side = chance.uniform(22, 46)
        canvas.box((chance.uniform(left, right), 222 - side), (side, side), colour(30, 36, 58), 3)
    body = colour(hue + 170, 26, 62)
    canvas.line([(296, 150), (340, 120), (352, 76)], INK, 12)
    canvas.disc((354, 70), 14, body)
    canvas.line([(184, 150), (150, 180), (146, 206)], INK, 12)
    canvas.disc((146, 208), 12, body)
    canvas.box((182, 132), (116, 84), body, 14)
    canvas.box((206, 154), (68, 34), INK, 6)
    canvas.line([(212, 171), (226, 171), (232, 161), (242, 181), (248, 171), (268, 171)], "#d9a441", 4)
    canvas.line([(240, 48), (240, 26)], INK, 4)
    canvas.disc((240, 24), 8, RED)
    canvas.box((192, 48), (96, 74), PALE, 18)
    for eye in (218, 262):
        canvas.disc((eye, 80), 10, INK)
        canvas.disc((eye + chance.choice([-3, 3]), 77), 3, PALE)
    canvas.arc((240, 92), 16, (20, 160), INK, 4)
    for wheel in (206, 274):
        canvas.disc((wheel, 222), 20, INK)
        canvas.disc((wheel, 222), 8, body)


def town(canvas: Canvas, hue: float) -> None:
    """Draw a street of houses with lit windows."""
    chance, x = canvas.chance, -10.0
    canvas.disc((chance.uniform(60, 420), chance.uniform(40, 64)), 24, PALE)
    while x < WIDTH:
        width, height = chance.uniform(58, 92), chance.uniform(70, 128)
        top = 228 - height
        wall = colour(hue + chance.choice([0, 25, 160, 190]), 30, chance.randint(48, 68))
        canvas.box((x, top), (width, height), wall)
        canvas.shape([(x - 5, top), (x + width / 2, top - 34), (x + width + 5, top)], colour(12, 44, 38))
        for row in range(int(height // 40)):
            for column in (0.2, 0.6):
                lit = colour(48, 90, 76) if chance.random() < 0.6 else INK
                canvas.box((x + width * column, top + 14 + row * 38), (width * 0.22, 20), lit, 2)
        x += width + 3
    canvas.box((0, 226), (WIDTH, 44), INK)
    for stripe in range(12, WIDTH, 60):
        canvas.box((stripe, 246), (30, 4), PALE)


def _hills(canvas: Canvas, level: float, rise: float, waves: int) -> list[Point]:
    """Return the outline of hills around a height, down to the lower edge."""
    start = canvas.chance.uniform(0, 2 * pi)
    ridge: list[Point] = [(x, level + rise * sin(start + waves * x / 90)) for x in range(0, WIDTH + 10, 10)]
    return [*ridge, (WIDTH, HEIGHT), (0, HEIGHT)]


def _waves(canvas: Canvas, level: float, fill: str, shift: float) -> None:
    crest: list[Point] = [(x, level + 4 * sin((x + shift) / 11)) for x in range(0, WIDTH + 4, 4)]
    canvas.shape([*crest, (WIDTH, HEIGHT), (0, HEIGHT)], fill)
