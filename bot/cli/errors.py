"""What errors say only to operators, in English: about records, exports, imports and the database."""

from digests import errors
from digests.text import count
from storage import errors as stored

MOST_FAULTS = 10
UPGRADE_SPACE = 2  # times the database: a copy, the log, and what it grows by


def operator_text(error: BaseException) -> str | None:
    """Return what happened and what to do next, None if others read it, too."""
    found = (words(error) for words in (_transfer, _lists, _database, _backup, _copy, _sharing))
    return next(filter(None, found), None)


def _sharing(error: BaseException) -> str | None:
    match error:
        case errors.ReplacedError():
            return (
                "Another process has taken over what this one did, as its lease wasn't renewed in time."
                " Start this one again, and it takes over from the next one that ends."
            )
        case errors.OtherLayoutError(shards, groups):
            return (
                f"The processes that run share the bot's servers as {count(shards, 'shard')} in"
                f" {count(groups, 'group')}. Set SHARD_GROUPS (and SHARDS) to the same everywhere;"
                " to change them, stop every process first."
            )
        case errors.TooManyGroupsError(shards, groups):
            return (
                f"SHARD_GROUPS is {groups:,}, but SHARDS only {shards:,}. Lower the one, or raise the other."
            )
    return None


def _lists(error: BaseException) -> str | None:
    match error:
        case errors.ListUnreadableError(file, reason, None):
            return f"{file} can't be read ({reason}). Name a file of OPML, as feed readers export it."
        case errors.ListUnreadableError(file, reason, line):
            return (
                f"{file}, line {line}: no OPML that can be read ({reason}), so nothing was added."
                " Export it again from your feed reader."
            )
        case errors.ListTooLongError(file, count, limit):
            return (
                f"{file} lists {count:,} feeds; the limit is {limit:,}, so nothing was added."
                " Import it in parts."
            )
        case errors.NotAnOutletError(text):
            return f"“{text}” isn't an outlet's domain. Write it like quay.example."
    return None


def _transfer(error: BaseException) -> str | None:
    match error:
        case errors.RecordNotFoundError(path):
            return (
                f"No record is stored for {path}. Name a file of the seeds folder that a reload has read,"
                " for example news/one.md."
            )
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


def _database(error: BaseException) -> str | None:
    match error:
        case stored.DriverMissingError():
            return (
                "The URL is that of a PostgreSQL database, and psycopg, which speaks with its server, isn't"
                " installed. Install it with pip install 'broadsheet[postgres]'."
            )
        case stored.UnreachableError(place, reason):
            return (
                f"The database server of {place} doesn't answer ({reason}). Check that it runs, and its URL."
            )
        case stored.PooledError(url):
            return (
                f"A pooler such as PgBouncer gives each transaction on {url} another session, and Broadsheet"
                " needs sessions that stay. Set its pool_mode to session, or connect to the server itself."
            )
        case stored.UnusableError(str() as url, reason):
            return f"The database {url} can't be used ({reason}). Check its URL."
        case stored.UnwritableError(str() as url, reason):
            return (
                f"The database {url} can't be written to at the moment ({reason}). Check that its server may"
                " write and that its disk has space."
            )
        case stored.ForeignDatabaseError(str() as url):
            return (
                f"{url} has tables that aren't Broadsheet's, so it was left alone. Check its URL, or"
                " name an empty database."
            )
        case stored.NewerSchemaError(str() as url, version, newest):
            return (
                f"{url} has schema version {version}, but this Broadsheet knows only {newest}."
                " Install a newer Broadsheet, or name another database."
            )
        case stored.UnusableError(path, reason):
            return (
                f"The database {path} can't be used ({reason}). Check that DATABASE_PATH names an SQLite file"
                " in a folder that can be written to."
            )
        case stored.UnwritableError(path, reason):
            return (
                f"The database {path} can't be written to at the moment ({reason}). Check that its disk has"
                " space and that no other program locks it."
            )
        case stored.LockFileError(path, reason):
            return f"The file {path} can't be used ({reason}). Check DATABASE_PATH and who may write there."
        case stored.BeingRestoredError(path):
            return f"The database {path} is being restored. Wait until that is done, then start again."
        case stored.InUseError(path):
            return (
                f"A bot or another command is using the database {path}, so nothing was changed."
                " Stop the bot, then restore again."
            )
        case stored.NotADatabaseError(path, reason):
            return f"{path} isn't an SQLite database, or is badly damaged ({reason}). Use another file."
        case stored.DamagedError(path, fault):
            return f"{path} is damaged ({fault}). Use another file."
        case stored.ForeignDatabaseError(path):
            return (
                f"{path} isn't a Broadsheet database, so it was left alone. Check DATABASE_PATH, or name a"
                " file that `broadsheet backup` made."
            )
        case stored.IncompleteError(path, fault):
            return (
                f"{path} isn't a whole Broadsheet database ({fault}), so it was left alone."
                " Check DATABASE_PATH, or restore a backup."
            )
        case stored.UpgradeFullError(path, size):
            return (
                f"There isn't enough space to upgrade the database {path}, so nothing was changed. Free about"
                f" {UPGRADE_SPACE * size / 1e6:,.1f} MB on its disk, then start again."
            )
        case stored.NewerSchemaError(path, version, newest):
            return (
                f"{path} has schema version {version}, but this Broadsheet knows only {newest}."
                " Install a newer Broadsheet, or use another file."
            )
    return None


def _backup(error: BaseException) -> str | None:
    match error:
        case stored.FileMissingError(path):
            return f"There's no file {path}. Check its path."
        case stored.NotAFileError(path):
            return f"{path} isn't a file. Name a file, and check DATABASE_PATH."
        case stored.NothingToBackUpError(path):
            return f"There's no database {path} yet. Check DATABASE_PATH."
        case stored.SameFileError(path):
            return f"{path} is the database itself. Name another file."
        case stored.ReservedNameError(path):
            return f"{path} is a name that the database uses for its own files. Name another file."
        case stored.ChangedBackupError(path, checksum):
            return (
                f"{path} isn't what {checksum} says it was made as, so nothing was changed."
                f" Use another backup, or delete {checksum} if you trust this one."
            )
        case stored.BackupExistsError(path):
            return f"{path} exists already. Name another file, or overwrite it with --force."
        case stored.CopyFailedError(path, reason):
            return (
                f"{path} can't be written ({reason}). Check that its folder can be written to and has space."
            )
    return None


def _copy(error: BaseException) -> str | None:
    match error:
        case stored.NothingToCopyError(place):
            return f"There's no Broadsheet database {place}. Check what you want to copy."
        case stored.CopiedToItselfError(place):
            return f"{place} can't be copied to itself. Name another database to fill."
        case stored.SourceInUseError(place):
            return (
                f"A bot or another command is using {place}. Stop the bot, so that nothing it does later is"
                " missing from the copy, or copy it as it is now with --live."
            )
        case stored.TargetInUseError(place):
            return f"A bot or another command is using {place}, so nothing was copied. Stop it first."
        case stored.TargetSubscribedError(place):
            return (
                f"{place} has subscriptions, so nothing was copied. Name an empty database, or replace all"
                " that is in this one with --force."
            )
        case stored.UnfinishedCopyError(place):
            return (
                f"{place} holds an unfinished copy of another database, so it can't be used."
                " Run `broadsheet copy-database` again."
            )
        case stored.CopyDiffersError(place, tables):
            return (
                f"{place} differs from what was copied in {', '.join(tables)}, so it can't be used."
                " Run `broadsheet copy-database` again."
            )
    return None
