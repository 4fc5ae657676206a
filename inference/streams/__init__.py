"""One Observe call, from its first message to its status."""
