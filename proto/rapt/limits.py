"""How much may a message hold? The limits that `rapt.v1` states, for everyone who keeps to them.

A test compares them with the .proto files.
"""

MAX_FRAME_BYTES = 512 * 1024
"""A 1280x720 JPEG of quality 90 has about 250 kB."""
MAX_FRAME_PIXELS = 4_000_000
"""Twice 1080p; decoded it takes 12 MB."""
MAX_MESSAGE_BYTES = 576 * 1024
"""From a browser: a frame and its envelope fit."""
MAX_SEGMENTS = 20_000
"""Played segments of one session."""
MAX_RATE_PCT = 1600
"""Speed of a player, percent of normal."""
MAX_SITTING_S = 30 * 86_400
"""From the opening of a session to its last call: a month, far above what anyone sits through."""
MAX_CLOCK_ERROR_S = 300
"""Time of an event from ours: more is a wrong clock, not a slow network."""
MAX_APART_S = 86_400
"""Between the clocks of a gateway and a worker; a day is a wrong date, not a wrong hour."""
MAX_STATE_BYTES = 2048
"""What a worker knows of a session, for the worker after it."""
MAX_GLANCES = 256
"""Verdicts that a gateway keeps for the next worker: eight seconds at the highest rate."""
MAX_KEPT_EVENTS = 64
"""Acknowledged player events that it keeps for it."""
