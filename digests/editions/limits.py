"""How many stories an edition may hold, and how good they may have to be."""

DEFAULT_STORIES = 5
MAX_STORIES = 10  # as many as a weekly digest has by default
HIGHEST_MIN_QUALITY = 1_000
