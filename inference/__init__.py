"""Frames and player events in, verdicts and facts out.

ONNX Runtime (1.29 and later) tells its maker which models run where, and keeps a device id in the
user's cache, unless it is told otherwise before it is loaded. Here nobody's use leaves the machine.
"""

import os

os.putenv("ORT_DISABLE_TELEMETRY", "1")
