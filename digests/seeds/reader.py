"""Read the files of a seeds folder that may have changed, and gather what they say."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from io import FileIO
from pathlib import Path

from digests.errors import SeedError
from digests.seeds.folder import FoundFile
from digests.seeds.parser import SeedReader, is_organization
from storage.models import Fault, Record, TopicDescription
from storage.seeds import SeenFile

log = logging.getLogger(__name__)

TO_BE_READ = -1  # as the time of a file, whatever is in it: a migration notes that it means more now


@dataclass(slots=True)
class ScanResult:
    """What came of looking at files: those seen anew, those only touched, and what they say."""

    seen: list[SeenFile] = field(default_factory=list)
    touched: list[SeenFile] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    topics: dict[str, TopicDescription] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _reader: SeedReader = field(default_factory=SeedReader)

    def look_at(
        self, root: Path, files: Iterable[FoundFile], known: Mapping[str, SeenFile], *, force: bool
    ) -> None:
        """Read files, and parse those whose content is not as it was when they were last seen, or all.

        Whatever exception a file raises is noted as its fault, and the others are read.
        """
        for file in files:
            try:
                self._look_at(root, file, None if force else known.get(file.path))
            except OSError as error:
                self.note_fault(Fault(file.path, None, None, f"can't be read ({error.strerror})"))
            except Exception as error:
                log.exception("%s can't be read", file.path)
                fault = f"can't be read: an internal error ({type(error).__name__}); see the bot's log"
                self.note_fault(Fault(file.path, None, None, fault))

    def note_fault(self, fault: Fault) -> None:
        """Note what is wrong with a file that can't be read; the next reload looks at it again."""
        self.faults.append(fault)
        self.seen.append(SeenFile(fault.path, -1, -1, b"", "failed"))

    def _look_at(self, root: Path, file: FoundFile, before: SeenFile | None) -> None:
        with FileIO(f"{root}/{file.path}") as opened:  # for many small files a third quicker than Path
            content = opened.readall()
        digest = blake2b(content, digest_size=16).digest()
        if before and before.digest == digest and before.mtime_ns != TO_BE_READ:
            self.touched.append(SeenFile(file.path, file.size, file.mtime_ns, digest, before.kind))
        else:
            kind = self._parse(file.path, content)
            self.seen.append(SeenFile(file.path, file.size, file.mtime_ns, digest, kind))

    def _parse(self, path: str, content: bytes) -> str:
        """Keep what a file says, or what is wrong with it, and return what kind of file it is."""
        try:
            said = self._reader.read(path, content)
        except SeedError as error:
            self.faults.append(Fault(path, error.line, error.field, str(error)))
            return "failed"
        if isinstance(said, Record):
            self.records.append(said)
            return "record"
        if isinstance(said, TopicDescription):
            self.topics[path] = said
            return "topic"
        return "provider" if is_organization(path) else "skipped"


def is_as_before(file: FoundFile, known: Mapping[str, SeenFile]) -> bool:
    """Say whether a file has the size and the time that it had when it was last seen."""
    before = known.get(file.path)
    return before is not None and (before.size, before.mtime_ns) == (file.size, file.mtime_ns)
