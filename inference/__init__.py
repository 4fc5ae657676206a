"""Frames and player events in, verdicts and facts out."""
