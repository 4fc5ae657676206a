"""Decodes damaged pictures in a process of its own, so that a crash in a library is seen.

`python -m benchmarks.breaking.decoding SEED FROM TO NOTE` is that process. Before each input its
number is written to the file NOTE; if the process dies, that number is the last one. An input that
takes more than `HANGS_S` ends the process by SIGALRM. A line of JSON at the end.
"""

import mmap
import random
import resource
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import cv2
import msgspec
from rapt.limits import MAX_FRAME_PIXELS

from benchmarks.breaking.pictures import damaged, samples
from inference.perception.decode import CHANNELS, Picture, Unreadable, decode

REPOSITORY = Path(__file__).resolve().parents[2]
IN_ONE_CHILD = 20_000
"""Inputs; a child of its own for every part, so that what one leaves behind is seen."""
HANGS_S = 20
MAX_ADDRESS_BYTES = 6 * 1024**3
WAYS = ((None, 640), (None, 16), (0.3, 384), (1.0, 64))
"""Shares of the width that are looked at, and pixels needed: each JPEG scale comes up."""


class Report(msgspec.Struct):
    """What became of the inputs."""

    inputs: int
    outcomes: dict[str, int]
    grown_mb: float
    """Most memory held at any time, above what was held before the first input."""
    left_mb: float
    """Memory held after the last one, above what was held after the first tenth."""
    slowest_ms: float
    slowest: int
    """Its number."""


class Died(msgspec.Struct):
    """What is known of a child that ended before its last input."""

    seed: int
    number: int | None
    """Of the input that it was at; None = it had not begun."""
    status: int
    said: str


def decode_in_a_child(seed: int, first: int, inputs: int, note: Path) -> Report | Died:
    """Decode so many inputs in a process of its own; its death names the input."""
    note.unlink(missing_ok=True)
    numbers = (seed, first, first + inputs)
    command = [sys.executable, "-m", "benchmarks.breaking.decoding", *map(str, numbers), str(note)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)  # noqa: S603  our own program
    if done.returncode == 0:
        return msgspec.json.decode(done.stdout, type=Report)
    last = int.from_bytes(note.read_bytes(), "little") if note.exists() else None
    return Died(seed, last, done.returncode, done.stderr[-2000:])


def image_of(seed: int, number: int, whole: list[bytes]) -> bytes:
    """Return the input of this number."""
    return damaged(random.Random(f"{seed}:{number}"), whole)  # noqa: S311  a draw, no secret


def outcome_of(image: bytes, number: int) -> str:
    """Decode one input; return why it is none, or what it is.

    Raises:
        AssertionError: what came out is neither a picture nor a reason.
    """
    share, needed_px = WAYS[number % len(WAYS)]
    found = decode(image, width_share=share, needed_px=needed_px)
    if isinstance(found, Unreadable):
        if not found.detail:
            raise AssertionError(f"{found.reason} without a sentence")
        return found.reason.value
    if not is_whole(found):
        raise AssertionError(f"{found.pixels.shape} of {found.width} x {found.height}")
    return "picture"


def is_whole(found: Picture) -> bool:
    """Tell whether a picture is what it says, and every byte of it can be read."""
    height, width, colours = found.pixels.shape
    fits = 0 < width * height <= found.width * found.height <= MAX_FRAME_PIXELS
    return fits and colours == CHANNELS and int(found.pixels.sum(dtype="uint64")) >= 0


def held_mb(field: str = "VmRSS") -> float:
    """Return the memory of this process now; VmHWM is the most that it ever held.

    The kernel's count of a child's resources would begin with those of its parent.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def main(seed: int, first: int, end: int, note: Path) -> Report:
    """Decode inputs of these numbers.

    Raises:
        AssertionError: an undamaged sample is not read, or an input is answered by nothing.
    """
    cv2.setNumThreads(1)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_ADDRESS_BYTES, MAX_ADDRESS_BYTES))
    whole = samples()
    outcomes = Counter(outcome_of(image, number) for number, image in enumerate(whole))
    if outcomes["picture"] < len(whole) // 2:
        raise AssertionError(f"of {len(whole)} whole pictures: {outcomes}")
    outcomes.clear()
    began_mb, settled_mb, slowest_s, slowest = held_mb(), 0.0, 0.0, first
    note.write_bytes(bytes(8))
    with note.open("r+b") as file, mmap.mmap(file.fileno(), 8) as page:
        for number in range(first, end):
            struct.pack_into("<q", page, 0, number)
            image = image_of(seed, number, whole)
            signal.alarm(HANGS_S)
            began_s = time.perf_counter()
            outcomes[outcome_of(image, number)] += 1
            took_s = time.perf_counter() - began_s
            if took_s > slowest_s:
                slowest_s, slowest = took_s, number
            if number == first + (end - first) // 10:
                settled_mb = held_mb()
    signal.alarm(0)
    return Report(
        inputs=end - first,
        outcomes=dict(outcomes),
        grown_mb=held_mb("VmHWM") - began_mb,
        left_mb=held_mb() - settled_mb,
        slowest_ms=slowest_s * 1000,
        slowest=slowest,
    )


if __name__ == "__main__":
    seed, first, end, note = sys.argv[1:]
    report = main(int(seed), int(first), int(end), Path(note))
    sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
