"""The slash commands: a group a file, each command a permission, a call and a view."""
