"""Walk a seeds folder: which files to read, and what stands in the way of reading them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from digests.errors import FolderError, FolderProblem
from digests.seeds.limits import MAX_SEED_BYTES
from digests.seeds.parser import SUFFIXES
from storage.models import Fault


class FoundFile(NamedTuple):
    """A file that may hold a record; `path` is relative to the folder, '/' between its parts."""

    path: str
    size: int
    mtime_ns: int


def walk(root: Path, max_bytes: int = MAX_SEED_BYTES) -> Iterator[FoundFile | Fault]:
    """Yield every seed file under `root` in the order of names, and a Fault for what can't be one.

    Hidden folders and files of other endings are passed over; links to folders, links that lead out
    of the folder, pipes and the like are faults. Raises FolderError where `root` is no folder that
    can be listed.
    """
    try:
        waiting = _entries(root, "")
    except OSError as error:
        match error:
            case FileNotFoundError():
                problem = FolderProblem.MISSING
            case NotADirectoryError():
                problem = FolderProblem.NOT_A_FOLDER
            case _:
                problem = FolderProblem.UNREADABLE
        raise FolderError(root, problem, error.strerror or str(error)) from error
    real = root.resolve()
    while waiting:  # no recursion: folders may be nested deeper than Python's calls
        entry, path = waiting.pop()
        try:
            if entry.is_dir(follow_symlinks=False):
                waiting += _entries(Path(entry.path), f"{path}/")
            elif entry.is_symlink() and Path(entry.path).is_dir():
                yield Fault(_shown(path), None, None, "is a link to a folder; move the folder itself here")
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:  # noqa: PTH122 - names may not be UTF-8
                yield _look_at(entry, path, real, max_bytes)
        except OSError as error:
            yield Fault(_shown(path), None, None, f"can't be listed ({error.strerror})")


def _entries(folder: Path, prefix: str) -> list[tuple[os.DirEntry[str], str]]:
    """Return what a folder holds with paths that begin with `prefix`, the last name first; hidden names are left out."""
    with os.scandir(folder) as entries:
        named = sorted(entries, key=lambda entry: entry.name, reverse=True)
    return [(entry, prefix + entry.name) for entry in named if not entry.name.startswith(".")]


def _look_at(entry: os.DirEntry[str], path: str, root: Path, max_bytes: int) -> FoundFile | Fault:
    if not path.isascii() and _shown(path) != path:
        return Fault(_shown(path), None, None, "has a name that is not UTF-8; rename it")
    try:
        if entry.is_symlink() and not Path(entry.path).resolve(strict=True).is_relative_to(root):
            return Fault(path, None, None, "is a link to a file outside the seeds folder")
        status = entry.stat()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, on Python 3.11 and 3.12
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Fault(path, None, None, f"can't be read ({reason})")
    if not stat.S_ISREG(status.st_mode):
        return Fault(path, None, None, "is not a regular file")
    if status.st_size > max_bytes:
        return Fault(path, None, None, f"has {status.st_size:,} bytes; the limit is {max_bytes:,}")
    return FoundFile(path, status.st_size, status.st_mtime_ns)


def _shown(path: str) -> str:
    """Return a path as text; one whose names are not UTF-8 gets a text that no seed's path equals."""
    content = os.fsencode(path)
    try:
        return content.decode()
    except UnicodeDecodeError:
        escaped = content.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
        return f"{escaped} (not UTF-8)"
