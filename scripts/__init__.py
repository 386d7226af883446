"""What maintainers run, none of it part of the bot."""
