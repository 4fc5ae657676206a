"""A real class of puppets: portraits re-rendered at scripted poses, speaking to the gateway like any browser."""
