"""Contents and what became of them: videos, sessions, heatmaps."""
