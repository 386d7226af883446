"""How long a job is one process's, how late it may be, and how long to wait before it is tried again."""

import random
from datetime import timedelta

# An edition that could not be issued for longer than this is skipped; the next one has its stories.
MAX_LATE = timedelta(hours=12)
LEASE = timedelta(minutes=3)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after the `attempts`th try: doubling, with jitter, up to an hour."""
    pause = min(FIRST_RETRY * (1 << min(attempts - 1, 10)), LONGEST_RETRY)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
