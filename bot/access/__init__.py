"""Who may do what, and where a digest may go."""
