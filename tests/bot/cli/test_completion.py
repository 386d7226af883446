"""The shell completes commands, options and their words: tried in a real bash."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BASH = shutil.which("bash")
FOLDER = Path(sys.executable).parent  # where broadsheet is installed, too
COMPLETE = """
eval "$(broadsheet --show-completion bash)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_broadsheet_completion broadsheet
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(BASH is None, reason="bash isn't on this machine")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["sea"], ["search"]),
        (["source", "e"], ["edit", "export"]),
        (["search", "--o"], ["--outlet", "--order"]),
        (["search", "--order", "n"], ["newest"]),
    ],
)
def test_bash_completes_what_is_typed(typed: list[str], offered: list[str]) -> None:
    assert BASH
    done = subprocess.run(
        [BASH, "-c", COMPLETE, "bash", "broadsheet", *typed],
        env=os.environ | {"PATH": f"{FOLDER}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == offered
