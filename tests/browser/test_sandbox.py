"""A person tries the sandbox in a browser, and everything that the page shows works."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.page import CHROMIUM, sandbox_page
from tests.build import seed_text, write_seed

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


async def test_a_person_types_a_command_opens_all_coverage_and_sees_a_digest_come() -> None:
    async with sandbox_page() as sandbox:
        await sandbox.begin("preview")
        assert await sandbox.fill("topic", "A") == ["AI", "Space", "Climate", "Health"]
        preview = await sandbox.send()
        await expect(preview).to_contain_text(re.compile(r"AI · \d+ January 2026"))
        await expect(preview).to_contain_text("Only you can see this")

        coverage = await sandbox.choose(preview, "Forty libraries")
        await expect(coverage).to_contain_text("Coverage, best first")

        await sandbox.view_as("Mo")
        subscribed = await sandbox.run("digest subscribe", topic="AI", timezone="UTC")
        await expect(subscribed).to_contain_text("New digest: AI in #news")
        await sandbox.run("sandbox next")
        digest = sandbox.messages.filter(has_text="stories from").last
        await expect(digest).to_contain_text("Why these?")
        await expect(digest).not_to_contain_text("Only you can see this")


async def test_a_person_goes_to_another_server_and_to_direct_messages() -> None:
    async with sandbox_page() as sandbox:
        await sandbox.go("Orchard")
        await expect(sandbox.page.get_by_role("heading", name="general")).to_be_visible()
        await sandbox.view_as("Mo")
        assert "None yet" in await (await sandbox.run("digest list")).inner_text()
        await sandbox.go("Ann")
        found = await sandbox.run("stories search", words="model")
        await expect(found).to_contain_text("Stories with model")


@pytest.mark.parametrize("year", [2020, 2031])
async def test_with_seeds_of_ones_own_all_times_count_from_the_newest_of_them(
    tmp_path: Path, year: int
) -> None:
    newest, older = (
        seed_text(f"https://one.example/{day}", title=f"News {day}", published=f"{year}-03-{day}T08:00:00Z")
        for day in (10, 8)
    )
    write_seed(tmp_path, "newest.md", newest)
    write_seed(tmp_path, "older.md", older)
    async with sandbox_page(seeds=tmp_path) as sandbox:
        stories = await sandbox.run("stories latest")
        await expect(stories).to_contain_text("now")
        await expect(stories).to_contain_text("2 days ago")
        await sandbox.view_as("Olga")
        status = await sandbox.run("admin status")
        await expect(status).to_contain_text("Running since now")
        await expect(status).to_contain_text("Last reload: now")
        await sandbox.view_as("Mo")
        await sandbox.run("digest subscribe", topic="AI", timezone="UTC")
        await sandbox.run("sandbox next")
        await sandbox.view_as("Olga")
        await expect(await sandbox.run("admin status")).to_contain_text("Running since 1 hour ago")
