"""What delivery needs of a chat service, and what can go wrong there."""

from collections.abc import Sequence
from typing import Any, Protocol

from digests.editions.edition import Edition
from digests.subscriptions.losses import Loss
from storage.models import Delivery, Subscription


class TransportError(Exception):
    """A part of an edition was not delivered; the message is a Trouble, or the transport's own words."""


class TemporaryError(TransportError):
    """It may work later: the service was down or slow. The part was not sent."""


class UncertainError(TransportError):
    """The answer got lost: the part may have been sent or not."""


class RefusedError(TransportError):
    """The service takes this edition in no case; others may work."""


class PermanentError(TransportError):
    """It won't work until somebody changes something: the place is gone or closed to the bot."""


class Transport(Protocol):
    """Puts editions before people. An edition that doesn't fit one message has several parts."""

    def compose(self, delivery: Delivery, edition: Edition) -> Sequence[Any]:
        """Return the parts of an edition, in order, as `send` takes them."""

    def count_stories(self, edition: Edition, parts: int) -> int:
        """Return how many stories the first `parts` parts of an edition hold."""

    async def send(self, delivery: Delivery, number: int, part: Any) -> int:
        """Send the part with a number, from 0, and return the message's id; raises TransportError."""

    async def find(self, delivery: Delivery, number: int) -> int | None:
        """Return the id of the message that holds a part already, where it is among the recent ones.

        Raises TransportError where that can't be told.
        """

    async def publish(self, delivery: Delivery, message_id: int) -> None:
        """Hand a message on to those who follow its channel, if not done yet; raises TransportError."""

    def is_open(self, subscription: Subscription) -> bool | None:
        """Say, without asking anybody, whether editions can be sent there; None where only a try tells."""

    def has_lost_role(self, subscription: Subscription) -> bool:
        """Say, without asking anybody, whether the role that a subscription pings is known to be gone."""

    async def warn(self, subscription: Subscription, loss: Loss) -> None:
        """Tell a subscription's maker, if that is possible, what its digest has lost."""

    async def tell(self, subscription: Subscription, reason: str) -> None:
        """Tell a subscription's maker, if that is possible, why its editions don't come."""
