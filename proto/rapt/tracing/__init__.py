"""Who wants to follow a session or a batch? Spans, and how they leave."""
