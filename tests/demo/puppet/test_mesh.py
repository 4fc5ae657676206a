"""The triangles of a portrait."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from demo.puppet.mesh import F32, FACE_POINTS, signed_areas, triangles_of
from demo.puppet.portrait import Portrait

points = arrays(
    np.float32,
    st.tuples(st.integers(3, 40), st.just(2)),
    elements=st.floats(0, 300, width=32, allow_subnormal=False),
)


@given(points)
def test_all_triangles_turn_the_same_way(points_px: F32) -> None:
    """So a turned triangle can be told by its sign."""
    triangles = triangles_of(points_px)
    assert triangles.shape[1] == 3
    if len(triangles):
        assert triangles.max() < len(points_px)
        assert (signed_areas(points_px, triangles) >= 0).all()


def test_a_face_is_covered_by_its_triangles(portraits: list[Portrait]) -> None:
    """Every landmark is a corner, and together they fill the face's outline."""
    for portrait in portraits:
        used = np.unique(portrait.triangles)
        assert len(used) > 0.98 * FACE_POINTS
        area = signed_areas(portrait.points[:, :2], portrait.triangles).sum() / 2
        width, height = np.ptp(portrait.points[:FACE_POINTS, :2], axis=0)
        assert 0.6 < area / (width * height) < 0.95
