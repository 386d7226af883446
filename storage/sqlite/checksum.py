"""The SHA-256 of backups, each in a file next to it that `sha256sum --check` reads."""

import hashlib
from pathlib import Path

from storage.errors import ChangedBackupError
from storage.sqlite.copying import written

SUFFIX = ".sha256"


def compute(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def note(backup: Path, sha256: str) -> None:
    """Write the checksum of a backup next to it."""
    with written(_beside(backup)) as part:
        part.write_text(f"{sha256}  {backup.name}\n", "utf-8")


def forget(backup: Path) -> None:
    """Delete the checksum of a backup."""
    _beside(backup).unlink(missing_ok=True)


def verify(backup: Path) -> None:
    """Raise ChangedBackupError if a backup isn't what its checksum says; one without a checksum is taken."""
    noted = _noted(backup)
    if noted and backup.is_file() and compute(backup) != noted:
        raise ChangedBackupError(backup, _beside(backup))


def noted_in(folder: Path) -> list[Path]:
    """Return the files of a folder that have a checksum."""
    named = (path.with_name(path.name.removesuffix(SUFFIX)) for path in folder.glob(f"*{SUFFIX}"))
    return [path for path in named if path.is_file() and _noted(path)]


def _noted(backup: Path) -> str | None:
    """Return the checksum that was noted for a backup."""
    try:
        words = _beside(backup).read_text("utf-8").split(maxsplit=1)
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    is_ours = len(words) == 2 and words[1].rstrip("\n").lstrip("*") == backup.name
    return words[0].lower() if is_ours else None


def _beside(backup: Path) -> Path:
    return backup.with_name(backup.name + SUFFIX)
