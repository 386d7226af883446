"""Tests of the product: reading, choosing, timing."""
