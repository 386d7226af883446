"""Asking a running bot whether it lives, as the health check of its container does."""

from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address

from bot.errors import NoticeError

TIMEOUT = 4.0  # seconds
OK = 200
LOOPBACK = {4: "127.0.0.1", 6: "::1"}  # by version of the protocol


class DeadError(NoticeError):
    """The bot doesn't say that it lives; the message is what it says, or why it says nothing."""


def ask_alive(host: str, port: int) -> str:
    """Return what the bot on `host` and `port` says of its life; raises DeadError unless it lives."""
    connection = HTTPConnection(_reachable(host), port, timeout=TIMEOUT)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        status, text = answer.status, answer.read(1_000).decode(errors="replace").strip()
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DeadError(f"The bot doesn't answer on port {port} ({reason}). Look at its log.") from error
    finally:
        connection.close()
    if status != OK:
        raise DeadError(f"The bot needs to be started again: {text}.")
    return text


def _reachable(host: str) -> str:
    """Return where to ask a bot that listens on `host`: one that listens everywhere does so here, too."""
    try:
        address = ip_address(host)
    except ValueError:  # a name
        return host
    return LOOPBACK[address.version] if address.is_unspecified else host
