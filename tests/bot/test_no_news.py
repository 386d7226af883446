"""A bot without any news says everywhere in Discord what to do next."""

import pytest

from tests.conftest import OpenWorld, text_of


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("topics", {}),
        ("help", {}),
        ("stories latest", {}),
        ("stories top", {}),
        ("stories search", {"words": "bridge"}),
        ("digest subscribe", {"topic": "ai"}),
        ("preview", {"topic": "ai"}),
    ],
)
async def test_every_answer_of_an_empty_bot_says_what_to_do(
    open_world: OpenWorld, command: str, options: dict[str, str]
) -> None:
    async with open_world(seeds_path=None) as world:
        answer = await world.moderator.slash(world.channel, command, **options)
        assert "add a feed with `/admin source add`" in text_of(answer)
