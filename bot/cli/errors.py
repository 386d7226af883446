"""What errors say to operators alone, in English: of exports and imports, and of the database."""

from digests import errors

MOST_FAULTS = 10


def operator_text(error: BaseException) -> str | None:
    """Return what happened and what to do next, None where it isn't for operators alone."""
    return _transfer(error)


def _transfer(error: BaseException) -> str | None:
    match error:
        case errors.NothingToExportError(guild_id):
            return f"The server {guild_id} has no subscriptions here. Check its ID."
        case errors.ExportExistsError(file):
            return f"{file} exists already. Name another file, or overwrite it with --force."
        case errors.ExportUnwritableError(file, reason):
            return f"{file} can't be written ({reason}). Name another file."
        case errors.ImportUnreadableError(file, reason):
            return f"{file} can't be read ({reason}). Name a file that `broadsheet export` wrote."
        case errors.ImportTooLargeError(file, limit):
            return f"{file} is too large to be an export. The limit is {limit:,} bytes."
        case errors.ImportFaultsError(file, faults):
            left = len(faults) - MOST_FAULTS
            more = [f"and {left:,} more"] if left > 0 else []
            heading = f"{file} can't be imported:" if file else "Nothing was imported:"
            return "\n  ".join([heading, *faults[:MOST_FAULTS], *more])
        case errors.ImportLimitError(guild_id, count, limit):
            digests = "digest" if count == 1 else "digests"
            return (
                f"Nothing was imported: the server {guild_id} would get {count:,} {digests}, and {limit:,} is"
                f" the limit. Leave out {count - limit:,} of them, or raise DIGESTS_PER_SERVER."
            )
    return None
