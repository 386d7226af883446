"""What only SQLite has: opening the database, migrating, locks, copies of the file, packed columns."""
