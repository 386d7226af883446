"""Settings: documented where people look for them, checked as a whole, and silent about the token."""

import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from bot.setting_kinds import Secret
from bot.settings import BUNDLED_SEEDS, LogFormat, LogLevel, Settings, SettingsError, load_settings
from tests.build import ROOT

NAMES = [each.name.upper() for each in fields(Settings)]
TOKEN = "MTIz.never-shown.NDU2"
AN_ID = "expected a Discord id, a number such as 80351110224678912"
# What these stand for in .env.example where the program's own default is something else.
WRITTEN = {
    "DISCORD_TOKEN": "",
    "DATABASE_URL": "",
    "OWNER_IDS": "",
    "ADMIN_GUILD_ID": "",
    "SHARDS": "",
    "SHARD_GROUPS": "",
    "HEALTH_PORT": "",
    "SEEDS_PATH": "",
    "PRIVATE_SOURCES": "",
}


def example() -> dict[str, str]:
    """Return the lines of .env.example that set something, commented out or not."""
    text = (ROOT / ".env.example").read_text("utf-8")
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))


def default(name: str) -> str:
    value = getattr(Settings(), name.lower())
    return WRITTEN.get(name, str(value).lower() if isinstance(value, bool) else str(value))


def test_the_example_file_has_every_setting_with_its_default() -> None:
    assert example() == {name: default(name) for name in NAMES}
    assert BUNDLED_SEEDS == ROOT / "seeds"


def test_the_example_file_as_it_is_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text((ROOT / ".env.example").read_text("utf-8"), "utf-8")
    assert load_settings() == Settings()


def test_the_example_file_with_every_line_switched_on_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in example().items()), "utf-8")
    assert load_settings() == Settings()


def test_a_line_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('LOG_LEVEL=info\nDISCORD_TOKEN="abc.def\n', "utf-8")
    with pytest.raises(SettingsError, match=r"\.env, line 2: can't be read"):
        load_settings()


def test_a_path_that_no_file_can_have_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('DATABASE_PATH="a\0b"\n', "utf-8")
    with pytest.raises(SettingsError, match="DATABASE_PATH: expected a path without NUL characters"):
        load_settings()


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    Path(".env").write_text("DATABASE_PATH=~/broadsheet.db\n", "utf-8")
    assert load_settings().database_path == tmp_path / "broadsheet.db"
    Path(".env").write_text("DATABASE_PATH=~nobody-here/broadsheet.db\n", "utf-8")
    with pytest.raises(SettingsError, match="DATABASE_PATH: expected a path in a home folder that exists"):
        load_settings()


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("LOG_LEVEL=error\nDATABASE_PATH=of-the-file.db\n", "utf-8")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    settings = load_settings()
    assert settings.log_level is LogLevel.DEBUG
    assert settings.database_path == Path("of-the-file.db")


@pytest.mark.parametrize(
    "written",
    ["80351110224678912,5", " 80351110224678912 , 5 ", "80351110224678912 5,", "5\t80351110224678912"],
)
def test_ids_may_have_commas_and_spaces_between_them(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("OWNER_IDS", written)
    assert load_settings().owner_ids == {80351110224678912, 5}


def test_levels_and_formats_may_be_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", " WARNING ")
    monkeypatch.setenv("LOG_FORMAT", "Json")
    settings = load_settings()
    assert (settings.log_level, settings.log_format) == (LogLevel.WARNING, LogFormat.JSON)


def test_empty_settings_are_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.setenv(name, "")
    assert load_settings() == Settings()


def test_every_setting_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"OWNER_IDS": "5,somebody", "ADMIN_GUILD_ID": "-1", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml"}
    for name, value in {**wrong, "DISCORD_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    assert re.findall(r"^ +([A-Z_]+): expected ", message, re.MULTILINE) == list(wrong)
    assert "'debug', 'info', 'warning' or 'error'" in message
    assert "80351110224678912" in message
    assert TOKEN not in message
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SEEDS_WATCH", "perhaps", "expected true or false, found the text 'perhaps'"),
        ("HEALTH_PORT", "http", "expected a whole number, found the text 'http'"),
        ("HEALTH_PORT", "0", "expected a number of at least 1, found the text '0'"),
        ("HEALTH_PORT", "70000", "expected a number of at most 65,535, found the text '70000'"),
        ("OWNER_IDS", "5,somebody", f"{AN_ID}, found the text 'somebody'"),
        ("ADMIN_GUILD_ID", "0", f"{AN_ID}, found the text '0'"),
        (
            "PRIVATE_SOURCES",
            "http://a",
            "expected names of hosts, IP addresses or networks, found the text 'http://a'",
        ),
        (
            "SOURCES_CONTACT",
            "a\u00e9",
            "expected an address of a page or a mailbox, in ASCII, found the text 'a\u00e9'",
        ),
        ("COLLECT", "outside", "expected 'inside' or 'off', found the text 'outside'"),
    ],
)
def test_a_setting_that_is_wrong_tells_what_was_expected_and_what_was_found(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).splitlines()[1:] == [f"  {name}: {told}"]


def test_a_token_in_the_place_of_another_setting_is_not_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    token = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.of-which-nobody-may-see-anything"
    monkeypatch.setenv("OWNER_IDS", token)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert token.split(".")[1] not in str(caught.value)


def test_a_file_that_is_not_utf8_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DATABASE_PATH=caf\xe9.db\n")
    with pytest.raises(SettingsError, match=r"^\.env isn't UTF-8 text\. Save it as UTF-8\.$"):
        load_settings()


def test_the_token_is_in_no_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    settings = load_settings()
    assert settings.discord_token == Secret(TOKEN)
    for text in (repr(settings), str(settings), f"{settings.discord_token}"):
        assert TOKEN not in text


def test_settings_cannot_be_changed() -> None:
    settings = load_settings()
    with pytest.raises(FrozenInstanceError):
        setattr(settings, "log_level", LogLevel.DEBUG)  # noqa: B010 - mypy knows that it can't be done


def test_every_id_that_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNER_IDS", "5,somebody 0")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).splitlines()[1:] == [
        f"  OWNER_IDS: {AN_ID}, found the text 'somebody'",
        f"  OWNER_IDS: {AN_ID}, found the text '0'",
    ]


def test_names_may_be_in_any_case_and_texts_in_the_file_may_name_other_settings() -> None:
    Path(".env").write_text("data=here\nDatabase_path=${data}/a.db\n", "utf-8")
    assert load_settings().database_path == Path("here/a.db")


@pytest.mark.parametrize("written", ["true", "TRUE", "1", "on", "Yes", "y", "t"])
def test_true_may_be_written_in_many_ways(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("SEEDS_WATCH", written)
    assert load_settings().seeds_watch


def test_an_empty_variable_leaves_what_the_file_says(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("LATE_HOURS=4\n", "utf-8")
    monkeypatch.setenv("LATE_HOURS", "")
    assert load_settings().late_hours == 4
