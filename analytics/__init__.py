"""Facts in, answers out."""
