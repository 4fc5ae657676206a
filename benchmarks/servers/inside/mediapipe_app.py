"""MediaPipe's face mesh behind HTTP, as one process can serve it: one frame at a time, in order.

Each stream has a mesh of its own, because the mesh follows one face from frame to frame; the number
of the stream is the path. Making a mesh takes long, so some are made before the server is ready.

`python mediapipe_app.py PORT FOLDER MESHES COUNTS`
"""

import sys
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import mediapipe  # type: ignore[import-not-found]  # there in its own environment
import numpy as np
from sleep_model import RunCounter  # type: ignore[import-not-found]  # lies beside it

_ONE_AT_A_TIME = threading.Lock()


def _mesh() -> Any:  # MediaPipe's own
    return mediapipe.solutions.face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=True)


_meshes: dict[str, Any] = defaultdict(_mesh)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    counter: RunCounter

    def do_POST(self) -> None:  # the library names it
        """Answer one frame with the number of faces."""
        image = self.rfile.read(int(self.headers["Content-Length"]))
        with _ONE_AT_A_TIME:
            bgr = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
            if bgr is None:
                self.send_error(400)
                return
            with self.counter.running(1):
                seen = _meshes[self.path].process(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
        body = str(len(seen.multi_face_landmarks or ())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its signature
        """Say nothing of every frame."""


class Server(ThreadingHTTPServer):
    """A thread for each connection; the mesh is what they wait for."""

    daemon_threads = True
    request_queue_size = 1024


def main() -> None:
    """Serve until SIGTERM."""
    port, folder, meshes, counts = sys.argv[1:]
    Handler.counter = RunCounter(counts)
    cv2.setNumThreads(1)
    blank = np.zeros((240, 320, 3), np.uint8)
    for stream in range(int(meshes)):
        _meshes[f"/{stream}"].process(blank)
    with Server(("127.0.0.1", int(port)), Handler) as server:
        (Path(folder) / "ready").touch()
        server.serve_forever()


if __name__ == "__main__":
    main()
