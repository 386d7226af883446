"""The sandbox's page in a real browser: a test, and the pictures of the docs."""
