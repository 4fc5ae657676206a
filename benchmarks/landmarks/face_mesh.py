"""MediaPipe's face mesh as its own users run it; a program for the environment of that peer.

It needs nothing of ours. One JSON object a line comes in, one goes out. Frames are JPEGs, laid end
to end in a file; each is decoded with OpenCV. MediaPipe makes one pass over a frame a call, so a
frame that ought to have more is shown to it again.
"""

import json
import os
import sys
import time
from typing import Any

import cv2
import mediapipe  # type: ignore[import-not-found]  # of the peer's environment
import numpy as np
import numpy.typing as npt

POINTS = 478


def face_mesh(faces: int = 1) -> Any:
    """Open the mesh that follows so many faces, with irises."""
    return mediapipe.solutions.face_mesh.FaceMesh(
        static_image_mode=False, max_num_faces=faces, refine_landmarks=True
    )


def read_frames(command: dict[str, Any]) -> list[bytes]:
    """Take the frames apart again."""
    with open(command["file"], "rb") as file:  # noqa: PTH123 - the peer's way of life
        return [file.read(size) for size in command["sizes"]]


def decode(jpeg: bytes) -> npt.NDArray[np.uint8]:
    """(H, W, 3) RGB."""
    bgr = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError("a frame cannot be decoded")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def look(mesh: Any, jpeg: bytes, passes: int = 1) -> npt.NDArray[np.float32]:
    """(F, 478, 3) landmarks in pixels after so many passes."""
    rgb = decode(jpeg)
    for _ in range(passes):
        result = mesh.process(rgb)
    scale = np.array([rgb.shape[1], rgb.shape[0], rgb.shape[1]], np.float32)
    found = [
        [(mark.x, mark.y, mark.z) for mark in face.landmark]
        for face in result.multi_face_landmarks or ()
    ]
    return np.array(found, np.float32).reshape(-1, POINTS, 3) * scale


class Shown:
    """A mesh that is shown one frame after the other, and what it saw on the last."""

    def __init__(self, faces: int) -> None:
        self.faces = faces
        self.mesh = face_mesh(faces)

    def show(self, command: dict[str, Any]) -> dict[str, Any]:
        """Write the landmarks of each frame; NaN where there is no face."""
        shape = (len(command["sizes"]), self.faces, POINTS, 3)
        marks = np.full(shape, np.nan, np.float32)
        if command["afresh"]:
            self.mesh.reset()
        for index, jpeg in enumerate(read_frames(command)):
            found = look(self.mesh, jpeg, command["passes"][index])
            marks[index, : len(found)] = found
        np.save(command["out"], marks)
        return {"frames": len(marks)}


class Timed:
    """A mesh that is warm and ready to be timed."""

    def __init__(self, command: dict[str, Any]) -> None:
        self.frames = read_frames(command)
        self.mesh = face_mesh()

    def run(self) -> dict[str, Any]:
        """Look at all frames once."""
        wall_s, cpu_s, found = time.perf_counter(), time.process_time(), 0
        for jpeg in self.frames:
            result = self.mesh.process(decode(jpeg))
            found += bool(result.multi_face_landmarks)
        return {
            "wall_s": time.perf_counter() - wall_s,
            "cpu_s": time.process_time() - cpu_s,
            "found": found,
        }


def main() -> None:
    """Serve until the other side closes."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the library talks on standard output
    cv2.setNumThreads(1)
    shown: dict[int, Shown] = {}
    timed: Timed | None = None
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "show":
            faces = command["faces"]
            shown[faces] = shown.get(faces) or Shown(faces)
            answer = shown[faces].show(command)
        elif command["do"] == "load":
            timed = Timed(command)
            answer = {"frames": len(timed.frames)}
        else:
            answer = timed.run() if timed else {}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
