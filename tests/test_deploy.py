"""What ships to run the bot with is consistent with the bot: files, settings, the service, the image."""

import re
import shutil
import subprocess
import sys
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings
from tests.build import ROOT

NAMES = {each.name.upper() for each in fields(Settings)}
ANALYZE = shutil.which("systemd-analyze")
OTHERS = {"PATH", "PYTHONUNBUFFERED", "SEEDS_FOLDER"}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def stages() -> list[list[str]]:
    """Return the Dockerfile's instructions, by stage."""
    lines = re.sub(r"\\\n", " ", read("Dockerfile")).splitlines()
    found: list[list[str]] = []
    for line in lines:
        if line.startswith("FROM "):
            found.append([])
        if found and line and not line.startswith("#"):
            found[-1].append(line)
    return found


def test_every_setting_in_the_image_and_in_compose_exists() -> None:
    final = stages()[-1]
    set_in_image = set(
        re.findall(r"\b([A-Z][A-Z_]+)=", " ".join(line for line in final if line.startswith("ENV")))
    )
    (service,) = yaml.safe_load(read("compose.yaml"))["services"].values()
    assert set_in_image - OTHERS <= NAMES
    assert set(service["environment"]) <= NAMES


def test_the_image_is_slim_in_two_stages_without_root_and_checks_its_health() -> None:
    build, final = stages()
    assert all(stage[0].split()[1].endswith("-slim") for stage in (build, final))
    assert "uv sync --frozen" in " ".join(build)
    (user,) = (line for line in final if line.startswith("USER"))
    assert not re.search(r"\b0\b|root", user)
    assert any(line.startswith("HEALTHCHECK") and "/readyz" in line for line in final)
    assert "VOLUME /data" in final
    assert not [line for line in final if "pip" in line or "apt" in line]


def test_what_the_image_copies_is_there_and_reaches_the_engine() -> None:
    ignored = [line for line in read(".dockerignore").splitlines() if line and not line.startswith("#")]
    for line in stages()[0]:
        for source in line.split()[1:-1] if line.startswith("COPY") else ():
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored
    assert ignored[0] == "*"
    assert not any(fnmatch(".env", pattern.removeprefix("!")) for pattern in ignored[1:])


def test_compose_keeps_the_data_and_names_only_volumes_that_there_are() -> None:
    document = yaml.safe_load(read("compose.yaml"))
    (service,) = document["services"].values()
    volumes = dict(entry.split(":")[:2] for entry in service["volumes"] if entry[0] not in ".$")
    assert volumes == {"data": "/data"}
    assert set(document["volumes"]) == set(volumes)
    assert service["environment"]["DATABASE_PATH"].startswith("/data/")
    assert service["read_only"]


@pytest.mark.skipif(ANALYZE is None, reason="systemd isn't here")
def test_systemd_finds_no_fault_with_the_service(tmp_path: Path) -> None:
    unit = tmp_path / "broadsheet.service"
    unit.write_text(
        read("deploy/broadsheet.service").replace("/usr/local/bin/broadsheet", sys.executable), "utf-8"
    )
    checked = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
