"""The error tree: every message is one sentence for the person, with what to do next."""


class BroadsheetError(Exception):
    """Something a person can put right; the message says what happened and what to do."""


class NotFoundError(BroadsheetError):
    """A topic, story or subscription that isn't there."""


class InvalidInputError(BroadsheetError):
    """An option whose value can't be used; the message names it and its limits."""


class ReloadError(BroadsheetError):
    """A reload that could not begin or was stopped; the records stay as they were."""


class ReloadRefusedError(ReloadError):
    """A reload that would remove most records, and was not told to."""
