"""Make the README's pictures: a digest, how one comes to it, and the bot's icon: `make screenshots`."""

import asyncio
import io
import sys
from pathlib import Path

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page

from tests.browser.page import CHROMIUM, SandboxPage, sandbox_page
from tests.browser.screenshots import save, wait_for_pictures

WIDTH, HEIGHT = 740, 900
SCROLLED = 40  # pixels between two frames
LOOK, BLINK, ROLL = (
    1_500,
    250,
    70,
)  # milliseconds that a frame stays: to be read, between letters, between steps
QUALITY = 70
ICON = 1024  # pixels


class Film:
    """Frames of the conversation, without the tools around it, each with the milliseconds that it stays."""

    def __init__(self, sandbox: SandboxPage, clip: FloatRect) -> None:
        self._page = sandbox.page
        self._clip = clip
        self._frames: list[tuple[Image.Image, int]] = []

    async def take(self, milliseconds: int) -> None:
        """Add what the page shows now."""
        shot = await self._page.screenshot(clip=self._clip, animations="disabled", caret="initial")
        self._frames.append((Image.open(io.BytesIO(shot)).convert("RGB"), milliseconds))

    def save(self, path: Path) -> None:
        """Write an animated WebP that repeats."""
        (first, *others), durations = zip(*self._frames, strict=True)
        frames = {"save_all": True, "append_images": others, "duration": list(durations), "loop": 0}
        first.save(path, quality=QUALITY, method=6, **frames)


async def conversation(sandbox: SandboxPage) -> FloatRect:
    """Return where on the page the conversation is, with the line to write in."""
    box = await sandbox.page.get_by_role("log").bounding_box()
    assert box
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": HEIGHT - box["y"]}


async def subscribe(sandbox: SandboxPage, film: Film) -> Locator:
    """Type /digest subscribe for AI, and return what it answers."""
    box = sandbox.page.get_by_role("textbox", name="Message")
    await film.take(LOOK)
    for letters in ("/", "dig", "est", " sub", "scribe"):
        await box.press_sequentially(letters)
        await sandbox.page.get_by_role("option").filter(has_text="/").first.wait_for()
        await film.take(BLINK)
    await sandbox.page.keyboard.press("Enter")
    await sandbox.page.get_by_role("button", name="Command /digest subscribe").wait_for()
    await film.take(2 * BLINK)
    await sandbox.fill("topic", "AI")
    await sandbox.page.keyboard.press("Escape")  # the list of other options would hide the conversation
    await film.take(3 * BLINK)
    answer = await sandbox.send()
    await film.take(2 * LOOK)
    return answer


async def read(sandbox: SandboxPage, film: Film, digest: Locator) -> None:
    """Scroll through a digest from its top to its end."""
    await wait_for_pictures(digest)
    log = sandbox.page.get_by_role("log")
    await digest.evaluate("message => message.scrollIntoView({block: 'start'})")
    await film.take(2 * LOOK)
    top, end = await log.evaluate("log => [log.scrollTop, log.scrollHeight - log.clientHeight]")
    for place in range(int(top) + SCROLLED, int(end) + SCROLLED, SCROLLED):
        await log.evaluate("(log, place) => log.scrollTo(0, place)", place)
        await film.take(ROLL)
    await film.take(3 * LOOK)


async def first_digest(sandbox: SandboxPage, added: Locator) -> Locator:
    """Send the first digest right after it was added, and return it."""
    await sandbox.press(added, "Send the first one now")
    digest = sandbox.messages.filter(has_text="Why these?").last
    await digest.wait_for()
    return digest


async def main(folder: Path) -> None:
    """Make the three pictures."""
    async with sandbox_page(WIDTH, HEIGHT) as sandbox:
        await sandbox.view_as("Mo")
        film = Film(sandbox, await conversation(sandbox))
        digest = await first_digest(sandbox, await subscribe(sandbox, film))
        await read(sandbox, film, digest)
        film.save(folder / "images" / "subscribe.webp")
    async with sandbox_page(WIDTH, 2 * HEIGHT) as sandbox:
        await sandbox.view_as("Mo")
        digest = await first_digest(sandbox, await sandbox.run("digest subscribe", topic="AI"))
        await save(digest, folder / "images" / "digest.png")
        await draw_icon(sandbox.page, folder / "app-directory")


async def draw_icon(page: Page, folder: Path) -> None:
    """Draw icon.svg as a PNG."""
    await page.set_viewport_size({"width": ICON, "height": ICON})
    await page.goto((folder / "icon.svg").resolve().as_uri())
    await page.screenshot(path=folder / "icon.png")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("There is no Chromium here: install it (Debian: apt-get install chromium).")
    asyncio.run(main(Path(sys.argv[1])))
