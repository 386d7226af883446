"""The sandbox: its feeds, its pictures, what it opens with."""
