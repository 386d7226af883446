"""Forms: opening them, reading them, doing what they ask."""
