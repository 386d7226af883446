"""Seed files to records: finding them, reading them, reloading a folder of them, watching it."""
