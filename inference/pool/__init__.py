"""How many workers, and where? It starts workers; nothing below knows it."""
