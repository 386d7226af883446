"""Keep a small database of an earlier version, made by that version's own code: see schemas/README.md."""

import io
import lzma
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path

from tests.build import ROOT

GIT = shutil.which("git") or "git"
SCHEMAS = Path(__file__).parent / "schemas"
SAMPLES = (
    "_data/topics/00-space.yaml",
    "news/2025-12-29-sandpipers-first-close-look-at-pellam-a-world-shaped-like-a.md",
    "news/2025-12-29-the-card-catalogue-that-learned-to-say-not-sure.md",
    "news/2025-12-30-where-did-pellams-craters-go.md",
)
# What the bot stores of a digest that came once, as it does now; an earlier version needs other statements.
DIGEST = """
INSERT INTO subscription (guild_id, channel_id, created_by, created_at, issue_time, zone, days, stories,
    min_quality, covered_to, next_at)
VALUES (2, 3, 4, 1766998800, '09:00', 'UTC', '1234567', 5, 0, 1767085200, 1767171600);
INSERT INTO subscription_topic (channel_id, topic_id, subscription_id, place)
SELECT 3, id, 1, 0 FROM topic WHERE slug = 'space';
INSERT INTO delivery (subscription_id, issue_date, issue_at, state, attempts, try_at, parts_sent, message_id,
    settled_at) VALUES (1, '2025-12-30', 1767085200, 'sent', 1, 1767085200, 1, 77, 1767085203);
INSERT INTO showing (id, pick_id, quality, shown_at)
SELECT 1, id, quality, 1767085200 FROM article WHERE quality = 83;
INSERT INTO showing_article (article_id, showing_id) SELECT id, 1 FROM article WHERE quality = 83;
INSERT INTO shown (channel_id, showing_id, delivery_id, topic_id)
SELECT 3, 1, 1, id FROM topic WHERE slug = 'space';
"""


def keep(commit: str) -> Path:
    """Make the database of a commit, and return the file that it is kept in."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        code, seeds, path = folder / "code", folder / "seeds", folder / "broadsheet.db"
        code.mkdir()
        archive = subprocess.run([GIT, "archive", commit], cwd=ROOT, capture_output=True, check=True)
        with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
            files.extractall(code, filter="data")
        for sample in SAMPLES:
            (seeds / sample).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / "seeds" / sample, seeds / sample)
        (seeds / "news" / "broken.md").write_text("---\ntitle: A\nquality: many\n---\n")
        subprocess.run(
            [sys.executable, "-m", "bot", "reload", str(seeds)],
            cwd=code,
            env={**os.environ, "DATABASE_PATH": str(path), "PYTHONPATH": str(code)},
            check=True,
        )
        with closing(sqlite3.connect(path)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.executescript(DIGEST)
            connection.execute("VACUUM")
            connection.execute("PRAGMA journal_mode = DELETE")
        kept = SCHEMAS / f"{version:04d}-{commit}.db.xz"
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(lzma.compress(path.read_bytes(), preset=9))
        return kept


if __name__ == "__main__":
    for each in sys.argv[1:]:
        print(keep(each))  # noqa: T201
