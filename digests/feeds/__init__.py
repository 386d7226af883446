"""Feeds to records: fetching and reading them, finding them, what is due, what is new."""
