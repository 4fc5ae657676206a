"""The mesh of a portrait."""

import json
from pathlib import Path

import numpy as np
import pytest
from rapt.errors import Misconfigured

from inference.models.folder import ModelFolder, PictureName
from inference.models.portrait import PortraitReader, read_pixels
from tests.inference.models.faces import FACELESS, PORTRAITS

GOLDEN = json.loads(Path(__file__).with_name("portrait_points.json").read_text("utf-8"))
"""x, y in pixels by landmark, made by another implementation whose landmarks were within 0.13 % of
the eye distance of MediaPipe's own on 109 faces."""

LIMIT = 0.025
"""Of the eye distance. The two start from slightly different boxes (best box here, mean of
overlapping boxes there), and a mesh moves by up to 2 % when its region moves a little."""


@pytest.fixture(scope="module")
def reader(models: ModelFolder) -> PortraitReader:
    """Return a reader with the built models."""
    return PortraitReader(models.graph("face_detector"), models.graph("attention_mesh"))


@pytest.mark.parametrize("name", PORTRAITS)
def test_points_lie_where_another_implementation_found_them(
    models: ModelFolder, reader: PortraitReader, name: PictureName
) -> None:
    """Eyes, nose, mouth and chin of both portraits."""
    points = reader.points(read_pixels(models.portrait(name)))
    assert points.shape == (468, 3)
    golden = np.array(list(GOLDEN[name].values()))
    found = points[[int(number) for number in GOLDEN[name]], :2]
    eye_distance_px = np.linalg.norm(points[263, :2] - points[33, :2])
    assert np.linalg.norm(found - golden, axis=1).max() < LIMIT * eye_distance_px


@pytest.mark.parametrize("name", PORTRAITS)
def test_depth_is_smaller_near_the_camera(
    models: ModelFolder, reader: PortraitReader, name: PictureName
) -> None:
    """The nose's tip is nearer than both ears."""
    points = reader.points(read_pixels(models.portrait(name)))
    assert points[1, 2] < min(points[234, 2], points[454, 2])


@pytest.mark.parametrize("name", FACELESS)
def test_a_picture_without_a_face_is_refused(
    models: ModelFolder, reader: PortraitReader, name: PictureName
) -> None:
    """A cat, a cup and a wall give no reference face."""
    with pytest.raises(Misconfigured, match="no face"):
        reader.points(read_pixels(models.portrait(name)))


def test_something_else_is_no_picture(tmp_path: Path) -> None:
    """The file is named."""
    (tmp_path / "page.png").write_text("<html>", "utf-8")
    with pytest.raises(Misconfigured, match=r"page\.png is not a picture"):
        read_pixels(tmp_path / "page.png")
