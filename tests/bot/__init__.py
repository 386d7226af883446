"""The bot as people meet it: the real client on a simulated Discord."""
