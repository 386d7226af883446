"""The pieces of stories in a message: which of them Discord refused, and the message without them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from typing import Any, TypeAlias

from discord import ui

from bot.locale import _
from bot.views.buttons import COVERAGE, story_chosen
from bot.views.layout import Headlines, Item, StoryText, View, row, text, walk
from storage.models import Piece, PieceKind

LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s]+)\)")  # as bot/views/text.py writes it
# One line of what discord.py says of error 50035: the place of a component, and what is wrong there.
NAMED = re.compile(r"^In (?:\w+\.)*?(components\.\d+[\w.]*): (.*)$", re.MULTILINE)

# A line that names a place other than the message's components as a whole.
SOMEWHERE = re.compile(r"^In (?!(?:\w+\.)*components(?:\.0)?: )", re.MULTILINE)

Test: TypeAlias = Callable[[Piece], bool]


def refused_pieces(view: View, said: str) -> dict[Piece, str]:
    """Return the pieces that an error of Discord's names, each with what is wrong with it.

    Of what a named component holds, the first of these goes: its picture, its links, the whole story.
    """
    found = {}
    for path, wrong in NAMED.findall(said):
        inner, outer = _component_at(view, path.split("."))
        story_id = _story_of(outer) if outer else None
        if inner and story_id is not None:
            found[next(_pieces(inner, story_id))] = wrong
    return found


def names_nothing(said: str) -> bool:
    """Say whether an error of Discord's leaves open which part of a message is wrong."""
    return SOMEWHERE.search(said) is None


def whole_stories(view: View) -> list[Piece]:
    """Return the stories of a message, each as one piece."""
    items = [item for container in _containers(view) for item in container.children]
    return list(dict.fromkeys(_whole(found) for item in items if (found := _story_of(item)) is not None))


@contextmanager
def without(view: View, story: Piece) -> Iterator[None]:
    """Leave a whole story out of a message while the block runs."""
    before = [(container, container.children) for container in _containers(view)]
    leave_out(view, story.__eq__)
    try:
        yield
    finally:
        for container, items in before:
            _fill(container, items)


def leave_out(view: View, is_refused: Test) -> list[Piece]:
    """Take every piece of a story that is refused out of a message, and return them."""
    gone: list[Piece] = []

    def is_gone(piece: Piece) -> bool:
        if is_refused(piece):
            gone.append(piece)
            return True
        return False

    for container in _containers(view):
        _fill(container, list(_left(container.children, is_gone)))
    return gone


def _containers(view: View) -> list[ui.Container[Any]]:
    return [each for each in view.children if isinstance(each, ui.Container)]


def _fill(container: ui.Container[Any], items: Iterable[Item]) -> None:
    """Replace the items of a container."""
    for item in container.children:
        container.remove_item(item)
    for item in items:
        container.add_item(item)


def _left(items: Sequence[Item], is_gone: Test) -> Iterator[Item]:
    """Yield what is left of a container's items; a line stands in for a story that is gone."""
    stories = dict.fromkeys(filter(None, map(_story_of, items)))
    gone = {story_id for story_id in stories if is_gone(_whole(story_id))}
    told: set[int] = set()
    for item in items:
        story_id = _story_of(item)
        if story_id is None:
            yield from _without_stories(item, gone)
        elif story_id not in gone:
            yield _plainer(item, story_id, is_gone)
        elif story_id not in told:
            told.add(story_id)
            yield text(_("-# Story {number} is missing here: Discord refused it.", number=story_id))


def _without_stories(item: Item, gone: Set[int]) -> list[Item]:
    """Return what is left of an item that is of several stories, or of none, without those that are gone."""
    if isinstance(item, Headlines):
        left = item.without(gone)
        return [left] if left else []
    menu = _menu_of(item)
    if menu is None or not gone:
        return [item]
    options = [option for option in menu.options if story_chosen(option.value) not in gone]
    fewer = ui.Select[Any](custom_id=menu.custom_id, placeholder=menu.placeholder, options=options)
    return [row(fewer)] if options else []


def _menu_of(item: Item) -> ui.Select[Any] | None:
    """Return the menu of stories that a row holds, if it holds one."""
    return next((inner for inner in walk([item]) if isinstance(inner, ui.Select)), None)


def leave_lists_out(view: View) -> bool:
    """Take what lists headlines besides the stories out of a message, and say whether there was anything."""
    found = False
    for container in _containers(view):
        left = [item for item in container.children if not (isinstance(item, Headlines) or _menu_of(item))]
        found |= len(left) < len(container.children)
        _fill(container, left)
    return found


def _plainer(item: Item, story_id: int, is_gone: Test) -> Item:
    """Return an item of a story without the links and the picture that are gone."""
    for inner in walk([item]):
        if isinstance(inner, StoryText):
            inner.content = _unlinked(inner, is_gone)
    picture = _picture(item, story_id)
    if picture and isinstance(item, ui.Section) and is_gone(picture):
        return item.children[0]
    return item


def _unlinked(block: StoryText, is_gone: Test) -> str:
    """Return a text with the titles alone where links are gone."""
    links = _links(block, block.story_id)
    if links is None:
        return block.content
    if " " in links.value and is_gone(links):
        return LINK.sub(r"\1", block.content)

    def shown(link: re.Match[str]) -> str:
        return link[1] if is_gone(Piece(PieceKind.LINKS, link[2], block.story_id)) else link[0]

    return LINK.sub(shown, block.content)


def _pieces(item: Item, story_id: int) -> Iterator[Piece]:
    """Yield the pieces of an item of a story, the least important first."""
    parts = list(walk([item]))
    yield from filter(None, (_picture(part, story_id) for part in parts))
    yield from filter(None, (_links(part, story_id) for part in parts))
    yield _whole(story_id)


def _whole(story_id: int) -> Piece:
    return Piece(PieceKind.STORY, str(story_id), story_id)


def _picture(item: Item, story_id: int) -> Piece | None:
    picture = item.accessory if isinstance(item, ui.Section) else item
    if not isinstance(picture, ui.Thumbnail):
        return None
    return Piece(PieceKind.PICTURE, picture.media.url, story_id)


def _links(item: Item, story_id: int) -> Piece | None:
    """Return all links of a text as one piece: Discord doesn't say which of them it refuses."""
    addresses = [url for _title, url in LINK.findall(item.content)] if isinstance(item, StoryText) else []
    return Piece(PieceKind.LINKS, " ".join(addresses), story_id) if addresses else None


def _story_of(item: Item) -> int | None:
    """Return the story that an item of a container tells of or opens, if any."""
    for inner in walk([item]):
        if isinstance(inner, StoryText):
            return inner.story_id
        if isinstance(inner, ui.Button) and (match := re.fullmatch(COVERAGE, inner.custom_id or "")):
            return int(match["story"])
    return None


def _component_at(view: View, path: Sequence[str]) -> tuple[Item | None, Item | None]:
    """Return the innermost component that a path leads to, and the item of the container that holds it."""
    found: list[Item] = []
    children: Sequence[Item] = view.children
    steps = iter(path)
    for step in steps:
        if step == "components" and (place := int(next(steps, "-1"))) in range(len(children)):
            found.append(children[place])
        elif step == "accessory" and found and isinstance(found[-1], ui.Section):
            found.append(found[-1].accessory)
        else:
            break
        children = getattr(found[-1], "children", ())
    return (found[-1], found[1]) if len(found) > 1 else (None, None)
