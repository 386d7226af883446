"""The exit codes of `broadsheet run`: they tell whatever started it whether to start it again."""

import errno

from bot.errors import StartupError, WaitError
from bot.settings import SettingsError
from digests import errors
from storage import errors as stored

FAULT = 1
LATER = 75  # EX_TEMPFAIL: later it may work with nothing changed here
CONFIGURATION = 78  # EX_CONFIG: it would go wrong again until somebody changes token, settings or database

_FOR_LATER = (
    WaitError,
    errors.ReplacedError,
    stored.BeingRestoredError,
    stored.CopyFailedError,
    stored.UnreachableError,
    stored.UnwritableError,
    stored.UpgradeFullError,
)
_TO_BE_CHANGED = (
    PermissionError,
    SettingsError,
    StartupError,
    errors.OtherLayoutError,
    errors.TooManyGroupsError,
    stored.StorageError,
)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE}


def code_of_run(error: BaseException) -> int:
    """Return the exit code of a `run` that this error ended."""
    if isinstance(error, _FOR_LATER) or (isinstance(error, OSError) and error.errno in _FULL):
        return LATER
    return CONFIGURATION if isinstance(error, _TO_BE_CHANGED) else FAULT
