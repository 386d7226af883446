"""Starting against Discord: what goes wrong there is one plain sentence, without the token."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from discord.http import Route
from pydantic import SecretStr

from bot.app import StartupError, run
from bot.settings import BUNDLED_SEEDS, Settings

TOKEN = "MTIzNDU2.not-a-real.token"


@pytest.fixture
async def discord_answers(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[None]:
    """Stand in for Discord's API, and answer everything with one status and text."""
    status, text = request.param

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    monkeypatch.setattr(Route, "BASE", f"http://{host}:{port}/api/v10")
    yield
    await runner.cleanup()


def settings(tmp_path: Path) -> Settings:
    """Return settings with a token."""
    return Settings(
        discord_token=SecretStr(TOKEN), database_path=tmp_path / "broadsheet.db", seeds_path=BUNDLED_SEEDS
    )


@pytest.mark.parametrize("discord_answers", [(401, '{"message": "no"}')], indirect=True)
@pytest.mark.usefixtures("discord_answers")
async def test_a_wrong_token_is_one_sentence_that_does_not_hold_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StartupError) as refused:
        await run(settings(tmp_path))
    assert "Discord doesn't accept the DISCORD_TOKEN" in str(refused.value)
    assert TOKEN not in str(refused.value) + caplog.text


async def test_an_unreachable_discord_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Route, "BASE", "http://127.0.0.1:9/api/v10")
    with pytest.raises(StartupError, match="Discord can't be reached"):
        await run(settings(tmp_path))


@pytest.mark.parametrize("discord_answers", [(403, "{}"), (404, "{}"), (200, "<html>")], indirect=True)
@pytest.mark.usefixtures("discord_answers")
async def test_answers_that_are_not_discords_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="doesn't answer as it should"):
        await run(settings(tmp_path))


@pytest.mark.parametrize("token", ["two\nlines", "two words"])
async def test_a_token_that_can_be_none_is_not_tried(tmp_path: Path, token: str) -> None:
    changed = settings(tmp_path).model_copy(update={"discord_token": SecretStr(token)})
    with pytest.raises(StartupError, match="doesn't accept the DISCORD_TOKEN"):
        await run(changed)
