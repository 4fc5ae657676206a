"""The landmarks of a portrait, measured by the very networks that will look at the puppet."""

from collections.abc import Sequence

from rapt.errors import Misconfigured

from demo.puppet.portrait import Portrait, make_portrait
from inference.models.folder import ModelFolder, PictureName
from inference.models.portrait import read_pixels
from inference.perception import detect, mesh
from inference.perception.decode import Picture
from inference.perception.follow import Follower
from inference.perception.look import Look
from inference.perception.networks import CPU_PROVIDER, Network

SITTERS: tuple[PictureName, ...] = ("astronaut", "grace_hopper")
"""Public-domain portraits: one face with open features, one with glasses."""


def load_portraits(folder: ModelFolder, sitters: Sequence[PictureName] = SITTERS) -> list[Portrait]:
    """Read the portraits and find their faces.

    Raises:
        Misconfigured: a portrait or a network is missing, or a portrait shows no face.
    """
    follower = open_follower(folder)
    portraits = []
    for sitter in sitters:
        pixels = read_pixels(folder.portrait(sitter))
        found = follower.follow([Picture.of(pixels)], [Look(b"")])[0]
        if found is None:
            raise Misconfigured(f"the portrait {sitter} shows no face; run ./rapt models verify")
        portraits.append(make_portrait(sitter, pixels, found.mesh.landmarks))
    return portraits


def open_follower(folder: ModelFolder) -> Follower:
    """Open the detector and the mesh on one thread of the CPU."""
    finder = Network(
        folder.graph("face_detector"), detect.CONTRACT, provider=CPU_PROVIDER, threads=1
    )
    meshes = Network(
        folder.graph("attention_mesh"), mesh.CONTRACT, provider=CPU_PROVIDER, threads=1
    )
    return Follower(detect.Detector(finder), mesh.Mesh(meshes))
