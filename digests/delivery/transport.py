"""What delivery needs of a chat service, and what can go wrong there."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

from digests.editions.edition import Edition
from digests.subscriptions.losses import Loss
from storage.models import Delivery, Subscription


class TransportError(Exception):
    """A request failed; the message is a Trouble, or the transport's own words."""


class TemporaryError(TransportError):
    """It may work later, if `after` has passed: the service was down, or allows no more. Nothing was sent."""

    def __init__(self, reason: str, after: timedelta = timedelta()) -> None:
        super().__init__(reason)
        self.after = after


class UncertainError(TransportError):
    """The answer got lost: the part may or may not have been sent."""


class RefusedError(TransportError):
    """The service will never accept this edition, but it may accept others."""


class PermanentError(TransportError):
    """It won't work until somebody changes something: the place is gone, or closed to the bot."""


class ClosedError(PermanentError):
    """The person whose DM it is lets the bot write nothing there."""


class Transport(Protocol):
    """Brings editions to people. An edition that doesn't fit into one message has several parts."""

    def compose(self, delivery: Delivery, edition: Edition) -> Sequence[Any]:
        """Return the parts of an edition, in order, as `send` takes them."""

    def count_stories(self, delivery: Delivery, edition: Edition, parts: int) -> int:
        """Return how many stories the first `parts` parts of an edition hold."""

    async def send(self, delivery: Delivery, number: int, part: Any) -> int:
        """Send the part with a number, from 0, and return the message's id; raises TransportError."""

    async def find(self, delivery: Delivery, number: int) -> int | None:
        """Return the id of the recent message that holds a part, or None if there is none.

        Raises TransportError if it can't find out.
        """

    async def publish(self, channel_id: int, message_id: int) -> None:
        """Publish a message to the followers of its channel, unless it is already; raises TransportError."""

    def is_open(self, subscription: Subscription) -> bool | None:
        """Say, without a request, whether editions can be sent there; None if only a try can tell."""

    def has_lost_role(self, subscription: Subscription) -> bool:
        """Say, without asking anybody, whether the role that a subscription pings is known to be gone."""

    async def warn(self, subscription: Subscription, loss: Loss) -> None:
        """Tell a subscription's maker, if that is possible, what its digest has lost."""

    async def tell(self, subscription: Subscription, reason: str) -> None:
        """Tell a subscription's creator, if that is possible, why its editions don't come."""
