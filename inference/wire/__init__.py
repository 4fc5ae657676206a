"""Protobuf in and out. Behind it everything is plain values."""
