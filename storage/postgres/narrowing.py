"""What a server may see, see storage/visibility.py, in sessions whose transactions only read.

Those may fill temporary tables, though not make any: the tables, and the views that leave out what stands in
them, are made once a session. The views stand behind the tables that have the same names, and before them in
a transaction that is narrowed.
"""

from storage.engine import ReadConnection
from storage.visibility import HIDDEN, SEEN

# Named last, temporary tables and views are found where no others have their name.
BEHIND = "SELECT set_config('search_path', current_setting('search_path') || ', pg_temp', false)"
_BEFORE = "SELECT set_config('search_path', 'pg_temp, ' || current_setting('search_path'), true)"


def prepare(reader: ReadConnection) -> None:
    """Make what narrow() needs, in a session without a transaction."""
    for name, chosen in HIDDEN.items():
        made = f"CREATE TEMP TABLE {name} ON COMMIT DELETE ROWS AS {chosen} WITH NO DATA"
        reader.execute(made, {"viewer": 0})
    for name, seen in SEEN.items():
        reader.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {name} WHERE {seen}")


def narrow(reader: ReadConnection, viewer: int) -> None:
    """Narrow a prepared session to what a server may see (DIRECT: in DMs) until its transaction ends."""
    for name, chosen in HIDDEN.items():
        reader.execute(f"INSERT INTO {name} {chosen}", {"viewer": viewer})
    reader.execute(_BEFORE)
