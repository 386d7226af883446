"""What only PostgreSQL has: sessions, statements in its dialect, migrating, locks."""
