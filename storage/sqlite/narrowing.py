"""What a server may see, see storage/visibility.py: views that leave the rest out, in place of tables."""

import sqlite3

from storage.visibility import HIDDEN, SEEN, is_limited


def narrow(reader: sqlite3.Connection, viewer: int) -> None:
    """Narrow a reader to what a server may see (DIRECT: direct messages) until its transaction ends."""
    if not is_limited(reader):
        return
    reader.execute("PRAGMA query_only = OFF")
    try:
        for name, chosen in HIDDEN.items():
            reader.execute(f"CREATE TEMP TABLE {name} AS {chosen}", {"viewer": viewer})
        for name, seen in SEEN.items():
            reader.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM main.{name} WHERE {seen}")
    finally:
        reader.execute("PRAGMA query_only = ON")
