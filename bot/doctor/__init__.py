"""The doctor: checks everything that a bot needs, and says what is wrong and what to do about it."""
