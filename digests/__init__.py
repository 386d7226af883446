"""The product: reading seeds, choosing editions, planning and delivering them. No Discord, no SQL."""
