"""Numbered SQL files, applied by storage.postgres.migrate."""
