"""A turn and a shift of points in the plane, in a graph, and the (N, 4, 4) matrix it stands for.

The matrix has rows (A, 0, T), (0, 0, 1, 0), (0, 0, 0, 1): p' = A p + T for columns p, which is
p' = p turn + shift for rows, so turn is the transpose of A.
"""

from dataclasses import dataclass

import numpy as np

from inference.models.convert.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Motion:
    """p' = p turn + shift for rows p, both by name."""

    turn: str
    """(N, 2, 2)."""
    shift: str
    """(N, 1, 2)."""


def motion_in(sheet: Sheet, matrix: str) -> Motion:
    """Take the motion out of a matrix (N, 4, 4)."""
    top = sheet.cut(matrix, axis=1, start=0, end=2)
    rows = sheet.node("Transpose", top, perm=(0, 2, 1))  # (N, 4, 2)
    return Motion(
        turn=sheet.cut(rows, axis=1, start=0, end=2), shift=sheet.cut(rows, axis=1, start=3, end=4)
    )


def matrix_of(sheet: Sheet, motion: Motion) -> str:
    """Draw the matrix (N, 4, 4) of a motion."""
    rows = sheet.node("Concat", motion.turn, motion.shift, axis=1)
    top = sheet.node("Transpose", rows, perm=(0, 2, 1))  # (N, 2, 3): A and T
    wide = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]], np.float32)
    tall = np.eye(4, 2, dtype=np.float32)
    spread = sheet.node("MatMul", top, sheet.constant(wide))  # (N, 2, 4)
    whole = sheet.node("MatMul", sheet.constant(tall), spread)
    kept = np.diag(np.array([0, 0, 1, 1], np.float32))[None]
    return sheet.node("Add", whole, sheet.constant(kept))
