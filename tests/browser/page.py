"""Drive the sandbox's page in headless Chromium, as a person would."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright, expect

from bot.locale.catalogs import ENGLISH
from bot.settings import BUNDLED_SEEDS
from tests.build import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\S+")


class SandboxPage:
    """The page, viewed as one of the sandbox's people."""

    def __init__(self, page: Page, feed: str) -> None:
        self.page = page
        self.feed = feed  # the address of the sandbox's own

    async def view_as(self, name: str) -> None:
        """View the page as another person, by the beginning of their name."""
        people = self.page.get_by_label("Viewing as")
        option = people.locator("option", has_text=re.compile(f"^{name}"))
        if await option.get_attribute("value") != await people.input_value():
            async with self.page.expect_response(lambda got: got.url.endswith("/api/commands")):
                await people.select_option(label=await option.inner_text())

    async def begin(self, command: str) -> None:
        """Type a command's name and choose it."""
        box = self.page.get_by_role("textbox", name="Message")
        await box.click()
        await box.press_sequentially(f"/{command}")
        await self.page.get_by_role("option").filter(has_text=f"/{command}").first.wait_for()
        await self.page.keyboard.press("Enter")
        await self.page.get_by_role("button", name=f"Command /{command}").wait_for()

    async def fill(self, option: str, typed: str) -> list[str]:
        """Type an option's value; where choices are offered, take the first and return all of them."""
        named = re.compile(f"^{option}\\b")
        choices = self.page.get_by_role("combobox", name=named)
        box = choices.or_(self.page.get_by_role("textbox", name=named))
        if not await box.count():
            await self.page.get_by_role("button", name=re.compile(r"^\+\d+ (more|options)")).click()
            await self.page.get_by_role("option", name=named).click()
        await box.click()
        await box.press_sequentially(typed)
        if not await choices.count() or await choices.get_attribute("aria-expanded") != "true":
            return []
        offered = self.page.get_by_role("listbox").get_by_role("option")
        await offered.first.wait_for()
        names = await offered.all_inner_texts()
        await self.page.keyboard.press("Enter")
        return names

    async def send(self) -> Locator:
        """Send the command and return the message that comes."""
        before = await self.messages.count()
        await self.page.get_by_role("button", name="Send", exact=True).click()
        await self.messages.nth(before).wait_for()
        return self.messages.last

    async def open(self, command: str) -> Locator:
        """Type a command that opens a form, send it, and return the form."""
        await self.begin(command)
        await self.page.get_by_role("button", name="Send", exact=True).click()
        form = self.page.get_by_role("dialog")
        await form.wait_for()
        return form

    async def pick(self, form: Locator, field: str, option: str) -> None:
        """Choose an option in a form's select of several."""
        await form.get_by_role("combobox", name=re.compile(f"^{field}")).click()
        await self.page.get_by_role("option", name=option, exact=True).click()
        await form.get_by_role("button", name="Apply").click()

    async def submit(self, form: Locator) -> Locator:
        """Send a form and return the message that comes."""
        before = await self.messages.count()
        await form.get_by_role("button", name="Submit").click()
        await self.messages.nth(before).wait_for()
        return self.messages.last

    async def run(self, command: str, **options: str) -> Locator:
        """Type a command with these options, send it, and return the message that comes."""
        await self.begin(command)
        for option, typed in options.items():
            await self.fill(option, typed)
        return await self.send()

    async def go(self, place: str) -> None:
        """Show another place, by part of its name."""
        shown = self.page.locator("#channel-name")
        before = await shown.inner_text()
        await self.begin("sandbox go")
        await self.fill("place", place)
        await self.page.get_by_role("button", name="Send", exact=True).click()
        await expect(shown).not_to_have_text(before, timeout=20_000)

    async def press(self, message: Locator, label: str) -> Locator:
        """Press the first button of a message with this label, and return the message that comes."""
        before = await self.messages.count()
        await message.get_by_role("button", name=label).first.click()
        await self.messages.nth(before).wait_for()
        return self.messages.last

    async def choose(self, message: Locator, entry: str) -> Locator:
        """Choose the entry that begins so in a message's menu, and return the message that comes."""
        before = await self.messages.count()
        await message.get_by_role("combobox").click()
        await self.page.get_by_role("option", name=re.compile(f"^{entry}")).click()
        await self.messages.nth(before).wait_for()
        return self.messages.last

    @property
    def messages(self) -> Locator:
        """All messages of the conversation."""
        return self.page.get_by_role("log").get_by_role("article")


@asynccontextmanager
async def sandbox_page(
    width: int = 1000, height: int = 1400, *, seeds: Path = BUNDLED_SEEDS, language: str = ENGLISH
) -> AsyncIterator[SandboxPage]:
    """Start the sandbox in a process of its own, where everyone reads a language, and open its page."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "SEEDS_PATH": str(seeds)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "sandbox", "--no-browser", "--language", language),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(60), async_playwright() as playwright:
            address, feed = await _addresses(process)
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await browser.new_page(viewport={"width": width, "height": height})
            await page.goto(address)
            await page.get_by_role("textbox", name="Message").wait_for()
            yield SandboxPage(page, feed)
            await browser.close()
    finally:
        process.terminate()
        await process.wait()


async def _addresses(process: asyncio.subprocess.Process) -> tuple[str, str]:
    """Return the addresses of the page and of the sandbox's own feed."""
    assert process.stdout
    found: list[str] = []
    async for line in process.stdout:
        found += ADDRESS.findall(line.decode())
        if len(found) > 1:
            return found[0], found[1]
    raise RuntimeError("the sandbox ended without its addresses")
