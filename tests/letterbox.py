"""A stand-in for a chat service in which every place is open and everything arrives."""

import asyncio

from digests.editions.edition import Edition
from digests.subscriptions.losses import Loss
from storage.models import Delivery, Subscription


class Letterbox:
    """A transport that keeps what it is given, and whom it is to tell of what."""

    def __init__(self) -> None:
        self.editions: list[Edition] = []
        self.told: list[tuple[int, str]] = []
        self.arrived = asyncio.Event()

    def compose(self, _: Delivery, edition: Edition) -> list[Edition]:
        """Return that every edition fits one message."""
        return [edition]

    def count_stories(self, _: Delivery, edition: Edition, __: int) -> int:
        """Return that everything has come."""
        return len(edition.choices)

    async def send(self, delivery: Delivery, number: int, part: Edition) -> int:
        """Keep an edition."""
        self.editions.append(part)
        self.arrived.set()
        return delivery.channel_id + delivery.id + number

    async def find(self, _: Delivery, __: int) -> int | None:
        """Return that nothing arrived before."""
        return None

    async def publish(self, _: int, __: int) -> None:
        """Have no followers."""

    def is_open(self, _: Subscription) -> bool:
        """Say that editions are always welcome."""
        return True

    def has_lost_role(self, _: Subscription) -> bool:
        """Say that every role is there."""
        return False

    async def warn(self, subscription: Subscription, loss: Loss) -> None:
        """Keep who was to be warned."""
        self.told.append((subscription.id, loss.key))

    async def tell(self, subscription: Subscription, reason: str) -> None:
        """Keep who was to be told."""
        self.told.append((subscription.id, reason))
