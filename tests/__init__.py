"""What Broadsheet promises, tested on real files, real SQLite and the real bot."""
