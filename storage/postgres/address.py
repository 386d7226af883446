"""Where a PostgreSQL database is, as its URL says, and how that is shown: without the password."""

from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from storage.errors import UnusableError

# By these a server that is gone without a word is noticed, in seconds, the last one in milliseconds; what the
# URL says goes first.
_PATIENCE: dict[str, str | int] = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    "application_name": "broadsheet",
    "client_encoding": "utf8",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A database's address: how it is shown, and all that libpq needs to know."""

    shown: str
    conninfo: str = field(repr=False)
    _secret: str = field(repr=False)

    def without_secret(self, text: str) -> str:
        """Return a text in which the password doesn't stand."""
        return text.replace(self._secret, "***") if self._secret else text


def address_of(url: str) -> Address:
    """Return the address that a URL says; raises UnusableError if it says none."""
    try:
        said = conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its text may hold all of the URL
        raise UnusableError("DATABASE_URL", "it isn't a URL of PostgreSQL's") from None
    user, host, port = (said.get(part) or "" for part in ("user", "host", "port"))
    place = f"{user}@{host}" if user else host
    shown = f"postgresql://{place}{f':{port}' if port else ''}/{said.get('dbname') or user}"
    parameters: dict[str, Any] = {**_PATIENCE, **said}
    return Address(shown, make_conninfo("", **parameters), str(said.get("password") or ""))
