"""What is installed from a wheel reads every language."""

import gettext
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bot.locale.catalogs import DOMAIN, ENGLISH, LANGUAGES
from tests.build import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a wheel built of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    find = [sys.executable, "scripts/get_uv.py"]
    uv = subprocess.run(find, cwd=ROOT, check=True, capture_output=True, text=True)
    build = [uv.stdout.strip(), "build", "--wheel", "--out-dir", str(folder)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_a_wheel_holds_the_compiled_catalogs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        for language in LANGUAGES.keys() - {ENGLISH}:
            with files.open(f"bot/locale/{language}/LC_MESSAGES/{DOMAIN}.mo") as compiled:
                texts = gettext.GNUTranslations(compiled)
            assert texts.gettext("Undone.") != "Undone."
