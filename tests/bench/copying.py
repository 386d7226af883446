"""How long `broadsheet copy-database` takes: from SQLite to PostgreSQL, and back.

Run with `make bench-long`, or with `python -m tests.bench.copying [ARTICLES [SHOWN]]`. The server waits for
its disk, as one that people run does. Each copy is a process of its own, whose most memory is measured.
"""

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from tests.bench.library import write_library
from tests.build import ROOT
from tests.cluster import running_cluster

SEED = 2026
ARTICLES, SHOWN = 100_000, 1_000_000
A_SHOWING = 20  # places that an edition's story is shown in
CHANNEL = 1 << 60
MEASURED = (
    "import resource, sys\nfrom bot.cli.main import main\ntry:\n    main()\nfinally:\n"
    "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)"
)


def write_shown(path: Path, shown: int) -> None:
    """Add what many places were shown: of each article a showing, in turn."""
    with closing(sqlite3.connect(path)) as connection:
        articles = [row[0] for row in connection.execute("SELECT id FROM article")]
        showings = range(1, shown // A_SHOWING + 1)
        connection.executemany(
            "INSERT INTO showing (id, pick_id, quality, shown_at) VALUES (?, ?, 50, 1767225600)",
            ((each, articles[each % len(articles)]) for each in showings),
        )
        connection.executemany(
            "INSERT INTO showing_article (article_id, showing_id) VALUES (?, ?)",
            ((articles[each % len(articles)], each) for each in showings),
        )
        connection.executemany(
            "INSERT INTO shown (channel_id, showing_id, delivery_id, topic_id) VALUES (?, ?, ?, 1)",
            ((CHANNEL + place, each, place + 1) for place in range(A_SHOWING) for each in showings),
        )
        connection.commit()


def copied(source: str | Path, target: str | Path) -> tuple[float, int]:
    """Copy a database; return the seconds and the megabytes that it took."""
    started = perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "copy-database", str(source), str(target), "--json"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")},
        check=True,
        capture_output=True,
        text=True,
    )
    return perf_counter() - started, int(done.stderr.split()[-1])


def main() -> None:
    """Measure, and print a table."""
    articles, shown = [*map(int, sys.argv[1:]), *(ARTICLES, SHOWN)[len(sys.argv) - 1 :]]
    table = Table("copy", "seconds", "peak memory, MB")
    with (
        tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as scratch,
        running_cluster(durable=True) as cluster,
    ):
        made, back, again = (Path(scratch) / name for name in ("made.db", "back.db", "again.db"))
        write_library(made, SEED, articles // 4, articles)
        write_shown(made, shown)
        url = cluster.url(cluster.add())
        for name, source, target in (
            ("SQLite to PostgreSQL", made, url),
            ("PostgreSQL to SQLite", url, back),
            ("SQLite to SQLite", back, again),
        ):
            seconds, megabytes = copied(source, target)
            table.add_row(name, f"{seconds:.0f}", f"{megabytes}")
    console = Console()
    console.print(f"{articles:,} articles, {shown:,} rows of shown")
    console.print(table)


if __name__ == "__main__":
    main()
