"""Make the pictures of the docs: `make screenshots`, with a folder to put them into."""

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.browser.page import CHROMIUM, SandboxPage, sandbox_page

WIDTH, HEIGHT = 900, 2600
LANGUAGES_SHOWN = ("de", "ja")
FEED = "the sandbox's own feed"  # stands for its address, which changes


@dataclass(frozen=True, slots=True)
class Picture:
    """A command as somebody types it, and the name of the picture of its answer."""

    name: str
    viewer: str
    command: str
    options: dict[str, str] = field(default_factory=dict)


PICTURES = (
    Picture("preview", "Ann", "preview", {"topic": "AI"}),
    Picture("follow", "Ann", "follow", {"topic": "AI"}),
    Picture("following", "Ann", "following"),
    Picture("digest-why", "Mo", "digest why", {"topic": "AI"}),
    Picture("stories-search", "Ann", "stories search", {"words": "model"}),
    Picture("stories-latest", "Ann", "stories latest"),
    Picture("stories-top", "Ann", "stories top"),
    Picture("stories-from", "Ann", "stories from", {"outlet": "Second"}),
    Picture("stories-show", "Ann", "stories show", {"story": "Wren"}),
    Picture("save", "Ann", "save", {"story": "Wren"}),
    Picture("saved", "Ann", "saved"),
    Picture("topics", "Ann", "topics"),
    Picture("help", "Ann", "help"),
    Picture("privacy", "Ann", "privacy"),
    Picture("digest-subscribe", "Mo", "digest subscribe", {"topic": "AI"}),
    Picture("sandbox-next", "Mo", "sandbox next"),
    Picture("digest-list", "Mo", "digest list"),
    Picture("digest-edit", "Mo", "digest edit", {"topic": "AI", "time": "18:30"}),
    Picture("digest-send", "Mo", "digest send", {"topic": "AI"}),
    Picture("digest-pause", "Mo", "digest pause", {"topic": "AI"}),
    Picture("digest-resume", "Mo", "digest resume", {"topic": "AI"}),
    Picture("digest-mute", "Mo", "digest mute", {"outlet": "Second"}),
    Picture("digest-unmute", "Mo", "digest unmute", {"outlet": "Second"}),
    Picture("digest-unsubscribe", "Mo", "digest unsubscribe", {"topic": "AI"}),
    Picture("digest-suggest", "Mo", "digest suggest", {"address": "quay.example/feed"}),
    Picture("admin-source-test", "Olga", "admin source test", {"address": FEED}),
    Picture("admin-source-add", "Olga", "admin source add", {"address": FEED, "topic": "Ports"}),
    Picture("admin-source-list", "Olga", "admin source list"),
    Picture("admin-topic-add", "Olga", "admin topic add", {"name": "Lights", "keywords": "lighthouse"}),
    Picture("admin-topic-edit", "Olga", "admin topic edit", {"topic": "Lights", "parent": "Ports"}),
    Picture("admin-topic-test", "Olga", "admin topic test", {"words": "The last lighthouse keeper"}),
    Picture("admin-topic-remove", "Olga", "admin topic remove", {"name": "Lights"}),
    Picture("admin-source-remove", "Olga", "admin source remove", {"source": "1"}),
    Picture("admin-reload", "Olga", "admin reload"),
    Picture("admin-status", "Olga", "admin status"),
    Picture("admin-story-split", "Olga", "admin story split", {"story": "Wren"}),
    Picture("admin-story-join", "Olga", "admin story join", {"story": "Wren", "other": "flags"}),
)


async def take(sandbox: SandboxPage, picture: Picture, folder: Path) -> None:
    """Type a command and save a picture of its answer."""
    await sandbox.view_as(picture.viewer)
    options = {name: value.replace(FEED, sandbox.feed) for name, value in picture.options.items()}
    answer = await sandbox.run(picture.command, **options)
    await save(answer, folder / f"{picture.name}.png")


async def save(message: Locator, path: Path) -> None:
    """Save a picture of a message, with the pictures in it."""
    await message.scroll_into_view_if_needed()
    await wait_for_pictures(message)
    await message.screenshot(path=path, animations="disabled")


async def wait_for_pictures(message: Locator) -> None:
    """Wait until the pictures in a message are there."""
    for picture in await message.get_by_role("figure").locator("img").all():
        await expect(picture).not_to_have_js_property("naturalWidth", 0)


async def take_in(language: str, folder: Path) -> None:
    """Take pictures of what most people see in a language: an edition, the list of digests, /help."""
    async with sandbox_page(WIDTH, HEIGHT, language=language) as sandbox:
        await take(sandbox, Picture(f"{language}-preview", "Ann", "preview", {"topic": "AI"}), folder)
        await take(sandbox, Picture(f"{language}-digest-list", "Mo", "digest list"), folder)
        await take(sandbox, Picture(f"{language}-help", "Mo", "help"), folder)


async def main(folder: Path) -> None:
    """Take every picture, and one of the form that /setup opens."""
    for language in LANGUAGES_SHOWN:
        await take_in(language, folder)
    async with sandbox_page(WIDTH, HEIGHT) as sandbox:
        for picture in PICTURES:
            await take(sandbox, picture, folder)
    async with sandbox_page(WIDTH, HEIGHT) as sandbox:
        await sandbox.view_as("Mo")
        form = await sandbox.open("setup")
        await form.screenshot(path=folder / "setup.png", animations="disabled")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("There is no Chromium here: install it (Debian: apt-get install chromium).")
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(target))
