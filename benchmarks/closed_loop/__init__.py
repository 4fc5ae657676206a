"""Is what comes out what went in? Puppets of known truth before the real pipeline."""
