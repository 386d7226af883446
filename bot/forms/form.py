"""Forms: opening one in time, and answering it, also one that was open while the bot restarted."""

import asyncio
import re
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, TypeAlias

import discord
from discord import ui

from bot.answers import ANSWER_WITHIN, FIRST
from bot.errors import NoticeError
from bot.guard import guarded
from bot.locale import _
from bot.views.buttons import button_state

Filled: TypeAlias = Mapping[str, Sequence[str]]  # what each field holds, by its custom_id; empty: left out


class Form:
    """A form of one kind that somebody sent; the person gets an answer whatever goes wrong."""

    name: ClassVar[str]  # in metrics and logs
    template: ClassVar[re.Pattern[str]]  # what its custom_id looks like, which holds its state

    def __init_subclass__(cls, template: str) -> None:
        super().__init_subclass__()
        cls.name = f"form {cls.__name__}"
        cls.template = re.compile(template)

    def __init__(self, said: Mapping[str, str], filled: Filled) -> None:
        self.said = said
        self.filled = filled
        self.state: dict[str, int] = {}  # what the custom_id says, checked when the form is answered

    async def submit(self, interaction: discord.Interaction[Any]) -> None:
        """Check what the custom_id says, then do what the form is for."""
        self.state = button_state(self.said)
        await self.answer(interaction)

    async def answer(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the form is for."""
        raise NotImplementedError

    def again(self) -> ui.Button[Any] | None:
        """Return a button that opens the form again, for somebody who has to put something right."""
        return None


async def answer_form(forms: Sequence[type[Form]], interaction: discord.Interaction[Any]) -> None:
    """Answer a form that was sent; which one it is follows from its custom_id alone."""
    data: Any = interaction.data
    for form in forms:
        if match := form.template.fullmatch(data["custom_id"]):
            sent = form(match.groupdict(), dict(_fields(data["components"])))
            await guarded(interaction, form.name, partial(sent.submit, interaction), again=sent.again)
            return
    await guarded(interaction, "form unknown", _refuse)


async def open_form(interaction: discord.Interaction[Any], making: Awaitable[ui.Modal]) -> None:
    """Answer with a form; raises NoticeError if it takes too long to make: a form can't follow a deferral."""
    interaction.extras[FIRST].close()
    try:
        form = await asyncio.wait_for(making, ANSWER_WITHIN)
    except TimeoutError as error:
        raise NoticeError(_("I'm busy at the moment. Try again in a few seconds.")) from error
    await interaction.response.send_modal(form)


def not_a_form() -> NoticeError:
    """Return what a person is told who sends a form that the bot never gives."""
    return NoticeError(_("I don't know this form. Open it again, and send it once more."))


async def _refuse() -> None:
    raise not_a_form()


def _fields(components: Sequence[Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield each field's custom_id with what it holds, whatever it stands in."""
    for part in components:
        inner = [*part.get("components", ()), *filter(None, [part.get("component")])]
        yield from _fields(inner)
        if "custom_id" in part:
            typed = str(part.get("value") or "").strip()
            yield part["custom_id"], list(part.get("values") or filter(None, [typed]))
