"""Stories to editions: what a digest chooses, when it is due, and what it would hold."""
