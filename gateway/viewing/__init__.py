"""A viewing session: browser on one side, inference worker on the other."""
