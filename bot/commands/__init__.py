"""The slash commands, one group per file; each command is a permission, a call and a view."""
