"""Loads, other servers' queues and figures for the simulator of `inference.scheduling`."""
