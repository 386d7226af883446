"""Everything that knows Discord or the person at the keyboard."""
