"""What delivery needs of a chat service, and what can go wrong there."""

from typing import Protocol

from digests.edition import Edition


class TransportError(Exception):
    """A part of an edition was not delivered; the message is a sentence for people."""


class TemporaryError(TransportError):
    """It may work later: the service was down or slow. The part was not sent."""


class UncertainError(TransportError):
    """The answer got lost: the part may have been sent or not."""


class PermanentError(TransportError):
    """It won't work until somebody changes something: the channel is gone or closed to the bot."""


class Transport(Protocol):
    """Puts editions before people. An edition that doesn't fit one message has several parts."""

    def count_parts(self, delivery_id: int, edition: Edition) -> int:
        """Return how many messages an edition takes."""

    async def send(self, channel_id: int, delivery_id: int, edition: Edition, part: int) -> int:
        """Send one part, counted from 0, and return the message's id; raises TransportError."""

    async def find(self, channel_id: int, delivery_id: int, part: int) -> int | None:
        """Return the id of the message that holds a part already, where it is among the recent ones."""
