"""Records to articles to stories: what belongs together, the pick, heat, copies, and storing it all."""
