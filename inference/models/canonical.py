"""Which face does the maker of the mesh measure heads against? Read from its own metadata.

The metadata is a protobuf message without a schema at hand, but three rules of the wire are enough:
every field starts with a varint (number << 3 | kind); kind 0 is a varint, kind 5 four bytes, and
kind 2 a length followed by that many bytes. Field 1 is the mesh: its field 3 holds the vertices as
floats x, y, z, u, v. Each field 2 names a landmark (1) and how much it counts (2).

Source: protobuf.dev/programming-guides/encoding.
"""

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rapt.errors import Misconfigured

from inference.models.folder import REFERENCE_FACE
from inference.models.landmarks import POINTS

_VARINT, _BYTES, _FIXED32 = 0, 2, 5
_MESH, _VERTICES, _BASIS = 1, 3, 2
_NUMBERS_PER_VERTEX = 5

Field = int | float | bytes


def derive_canonical_face(metadata: bytes, reference_face: Path) -> bytes:
    """Return the canonical face as a .npy file like that of the reference face.

    Args:
        metadata: the geometry metadata out of the face landmarker's bundle.
        reference_face: our own reference face, which knows the partner of each point.

    Raises:
        Misconfigured: the metadata holds no face of 468 points.
    """
    numbers, weights = bytearray(), np.zeros(POINTS, np.float32)
    for number, value in fields(metadata):
        if number == _MESH and isinstance(value, bytes):
            numbers += b"".join(_floats(value))
        elif number == _BASIS and isinstance(value, bytes):
            basis = dict(fields(value))
            weights[_landmark(basis.get(1, 0))] = basis.get(2, 0.0)
    if len(numbers) != POINTS * _NUMBERS_PER_VERTEX * 4 or not weights.any():
        raise Misconfigured("the metadata holds no face of 468 points")
    vertices = np.frombuffer(bytes(numbers), "<f4").reshape(POINTS, _NUMBERS_PER_VERTEX)
    points = vertices[:, :3].astype(np.float64)
    rows = np.empty(POINTS, REFERENCE_FACE)
    rows["point"] = (points - points.mean(0)) / np.ptp(points[:, 0])
    rows["weight"] = weights
    rows["partner"] = np.load(reference_face, allow_pickle=False)["partner"]
    file = io.BytesIO()
    np.save(file, rows, allow_pickle=False)
    return file.getvalue()


def fields(message: bytes) -> Iterator[tuple[int, Field]]:
    """Yield number and value of every field of a protobuf message.

    Raises:
        Misconfigured: it ends within a field, or has a kind that nobody uses any more.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        value: Field
        if kind == _VARINT:
            value, at = _varint(message, at)
        elif kind == _FIXED32:
            value = struct.unpack("<f", _cut(message, at, 4))[0]
            at += 4
        elif kind == _BYTES:
            size, at = _varint(message, at)
            value = _cut(message, at, size)
            at += size
        else:
            raise Misconfigured(f"the metadata has a field of kind {kind}")
        yield number, value


def _floats(mesh: bytes) -> Iterator[bytes]:
    """Four bytes for each float of the vertices, whether they were packed or not."""
    for number, value in fields(mesh):
        if number == _VERTICES:
            yield struct.pack("<f", value) if isinstance(value, float) else bytes(value)


def _landmark(value: Field) -> int:
    if not isinstance(value, int) or not value < POINTS:
        raise Misconfigured(f"the metadata counts a landmark {value!r}")
    return value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that starts here, seven bits a byte, lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = _cut(message, at, 1)[0]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the top bit says that more follow
            return value, at


def _cut(message: bytes, at: int, size: int) -> bytes:
    piece = message[at : at + size]
    if len(piece) != size:
        raise Misconfigured("the metadata ends within a field")
    return piece
