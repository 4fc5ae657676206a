"""A real class of puppets: portraits drawn at scripted poses, viewing like any browser."""
