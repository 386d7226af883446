"""What can be wrong with a database, each in one plain sentence."""


class StorageError(Exception):
    """The database can't be opened or used; the message says why and what to do."""
