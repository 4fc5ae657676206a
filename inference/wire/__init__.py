"""Protobuf in and out: the one place, besides the servers, that knows it."""
