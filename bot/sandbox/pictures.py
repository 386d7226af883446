"""Pictures of the sandbox's made-up outlets, drawn here, because its page fetches none."""

import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from random import Random
from urllib.parse import urlsplit

from bot.sandbox import scenes
from bot.sandbox.canvas import Canvas, colour

MAX_PICTURES = 200
VARIANTS = 5  # of each scene: the page takes half a second for each picture that it hasn't shown yet
# What a picture shows, by the words in its address, the first that fits; the hues that its sky may have.
SUBJECTS: tuple[tuple[re.Pattern[str], scenes.Scene, tuple[int, int]], ...] = (
    (re.compile(r"swing-bridge|-bridge|bridges|causeway"), scenes.bridge, (190, 220)),
    (
        re.compile(
            r"moon|luna[rt]|lander|lantern[s-]|mars|burdock|orbit|satellite|comet|galaxy|pulsar|telescope|observator"
            r"|asteroid|pellam|sail|dead-roc|launch|venus|probe|stone-is|meteor|sun-at|mirror|saturn|bolt|lava"
        ),
        scenes.space,
        (220, 270),
    ),
    (re.compile(r"robot|drone|docker|glove|laundry|shirt|wrist|toy-"), scenes.robot, (150, 215)),
    (
        re.compile(
            r"ferry|crossing|reef|oyster|tide|kittiwake|lighthouse|fish|divers|strait|turb|port-|halden"
        ),
        scenes.sea,
        (185, 215),
    ),
    (
        re.compile(
            r"stethoscope|clinic|vaccine|hospital|ward-|scan|pill|knee|hearing|stroke|mosquito|bites|letters"
        ),
        scenes.health,
        (150, 200),
    ),
    (
        re.compile(
            r"wind-|glacier|lake|river|valley|bog|forest|frost|avalanche|garden|balloon|empty-a|winter"
        ),
        scenes.land,
        (80, 130),
    ),
    (re.compile(r"school|cars|bus-|town|baths|parish|pool|heats|data-hall|compute"), scenes.town, (200, 250)),
    (re.compile(r""), scenes.books, (20, 60)),
)


def draw_pictures(urls: Iterable[str]) -> dict[str, tuple[str, bytes]]:
    """Return a file name and a JPEG for up to MAX_PICTURES addresses of made-up outlets."""
    made_up = [url for url in urls if (urlsplit(url).hostname or "").endswith(".example")]
    return {url: ("picture.jpg", draw_picture(url)) for url in made_up[:MAX_PICTURES]}


def draw_picture(url: str) -> bytes:
    """Return a scene that fits the words of an address, the same at every time."""
    path = urlsplit(url).path.casefold()
    subject = next(number for number, (words, *_) in enumerate(SUBJECTS) if words.search(path))
    return _drawn(subject, blake2b(url.encode(), digest_size=1).digest()[0] % VARIANTS)


@cache
def _drawn(subject: int, variant: int) -> bytes:
    _, scene, hues = SUBJECTS[subject]
    chance = Random(variant)  # noqa: S311 - it guards nothing
    hue = hues[0] + (hues[1] - hues[0]) * variant / (VARIANTS - 1)
    night = scene is scenes.space
    sky = (colour(hue, 40, 12 if night else 62), colour(hue + 20, 45, 30 if night else 86))
    canvas = Canvas(scenes.WIDTH, scenes.HEIGHT, sky, chance)
    scene(canvas, hue)
    return canvas.saved()
