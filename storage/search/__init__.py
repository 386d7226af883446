"""Full-text search: what is looked for, the index, and every word that it knows."""
