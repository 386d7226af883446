"""The sandbox: the real bot against a simulated Discord, in a local browser page."""
