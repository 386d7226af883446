"""A moderator sets a first digest up in a browser, sees it, changes it by form, and undoes that."""

import pytest
from playwright.async_api import expect

from tests.browser.page import CHROMIUM, sandbox_page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


async def test_a_first_digest_is_set_up_sent_changed_and_brought_back_by_pressing() -> None:
    async with sandbox_page() as sandbox:
        await sandbox.view_as("Mo")
        form = await sandbox.open("setup")
        await sandbox.pick(form, "Topics", "Space")
        await sandbox.submit(form)
        added = sandbox.messages.filter(has_text="New digest")
        await expect(added).to_contain_text("New digest: Space in #news")
        await sandbox.press(added, "Send the first one now")
        digest = sandbox.messages.filter(has_text="stories from").last
        await expect(digest).to_contain_text("Why these?")
        await added.get_by_role("button", name="Edit").click()
        form = sandbox.page.get_by_role("dialog")
        await form.get_by_label("Time and time zone", exact=True).fill("6 pm UTC")
        await sandbox.submit(form)
        changed = sandbox.messages.filter(has_text="Changed").last
        await expect(changed).to_contain_text("at 18:00")
        undone = await sandbox.press(changed, "Undo")
        await expect(undone).to_contain_text("at 09:00")
