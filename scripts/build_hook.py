"""What builds a wheel: the catalogs of texts are compiled first."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TextsHook(BuildHookInterface):  # type: ignore[misc]
    """Compiles the catalogs of texts before they are packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile them."""
        runpy.run_path(str(Path(self.root) / "scripts" / "compile_texts.py"), run_name="__main__")
