"""One device: what waits for it, what it runs, and what comes back. It knows no person."""
