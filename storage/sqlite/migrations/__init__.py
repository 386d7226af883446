"""Numbered SQL files, applied by storage.sqlite.migrate."""
