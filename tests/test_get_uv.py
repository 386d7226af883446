import hashlib
import io
import os
import platform
import zipfile
from pathlib import Path

import pytest

from scripts import get_uv

PLACE, TAG = "ab/cd", "anywhere"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel of uv on a host that is a folder, pinned for this platform; no uv is installed."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(f"uv-{get_uv.VERSION}.data/scripts/uv", "the program")
    path = tmp_path / "host" / PLACE / f"uv-{get_uv.VERSION}-py3-none-{TAG}.whl"
    path.parent.mkdir(parents=True)
    path.write_bytes(content.getvalue())
    sha256 = hashlib.sha256(content.getvalue()).hexdigest()
    monkeypatch.setattr(get_uv, "HOST", (tmp_path / "host").as_uri())
    monkeypatch.setattr(get_uv, "TOOLS", tmp_path / "tools")
    monkeypatch.setattr(get_uv, "WHEELS", {(platform.system(), platform.machine()): (PLACE, TAG, sha256)})
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return path


def install(directory: Path, answer: str) -> Path:
    uv = directory / "uv"
    directory.mkdir()
    uv.write_text(f"#!/bin/sh\n{answer}\n")
    uv.chmod(0o755)
    return uv


def test_the_pinned_uv_is_downloaded_once(
    wheel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    get_uv.main()
    wheel.unlink()
    get_uv.main()
    first, second = map(Path, capsys.readouterr().out.split())
    assert first == second
    assert first.read_text() == "the program"
    assert os.access(first, os.X_OK)
    assert list((tmp_path / "tools").iterdir()) == [first]


def test_another_file_than_the_pinned_one_is_refused(wheel: Path, tmp_path: Path) -> None:
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    with pytest.raises(SystemExit, match="not the expected file"):
        get_uv.main()
    assert not (tmp_path / "tools").exists()


def test_a_failing_network_is_one_sentence(wheel: Path) -> None:
    wheel.unlink()
    with pytest.raises(SystemExit, match=r"^Could not get uv.* failed 3 times.*\.$"):
        get_uv.main()


@pytest.mark.usefixtures("wheel")
def test_an_unknown_platform_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_uv, "WHEELS", {})
    with pytest.raises(SystemExit, match="install uv"):
        get_uv.main()


@pytest.mark.usefixtures("wheel")
def test_a_new_enough_uv_on_path_is_used(tmp_path: Path) -> None:
    uv = install(tmp_path / "bin", "echo uv 1.2.3")
    assert get_uv.installed() == str(uv)


@pytest.mark.usefixtures("wheel")
@pytest.mark.parametrize("answer", ["echo uv 0.7.22", "exit 127"])
def test_an_old_or_broken_uv_on_path_is_not(tmp_path: Path, answer: str) -> None:
    install(tmp_path / "bin", answer)
    assert get_uv.installed() is None
