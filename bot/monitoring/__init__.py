"""How the bot is doing: metrics, timing, health, and the server that tells of them."""
