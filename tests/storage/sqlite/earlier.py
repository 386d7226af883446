"""The small databases that earlier versions made: see schemas/README.md."""

import lzma
from pathlib import Path

SCHEMAS = Path(__file__).parent / "schemas"
KEPT = sorted(path.name.removesuffix(".db.xz") for path in SCHEMAS.glob("*.db.xz"))


def put(name: str, path: Path) -> Path:
    """Put a kept database at `path`, and return that."""
    path.write_bytes(lzma.decompress((SCHEMAS / f"{name}.db.xz").read_bytes()))
    return path
