"""What people look for: queries, searches, spelling, autocomplete, one story, topics, outlets."""
