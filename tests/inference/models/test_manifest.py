"""The manifest."""

import importlib.util
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapt.errors import Misconfigured

from inference.models.manifest import MANIFEST_PATH, read_manifest

MANIFEST = read_manifest()
TEXT = MANIFEST_PATH.read_text("utf-8")


def test_the_shipped_manifest_is_right() -> None:
    """It reads, and two sources never share a file name, which a mirror could not tell apart."""
    files = [source.file for source in MANIFEST.sources]
    assert len(set(files)) == len(files)
    always = [model.name for model in MANIFEST.models if not model.options]
    assert always == ["face_detector", "attention_mesh", "reference_face", *always[3:]]


def test_everything_says_its_licence() -> None:
    """Weights are Apache-2.0; pictures are free of rights."""
    for source in MANIFEST.sources:
        if source.purpose in {"weights", "parity"}:
            assert source.licence == "Apache-2.0"
        else:
            assert source.licence.startswith(("public domain", "CC0"))


def test_converted_models_are_pinned() -> None:
    """A graph that comes out with other bytes must not be used."""
    assert all(model.sha256 for model in MANIFEST.models if model.is_graph)


def test_the_package_that_carries_the_weights_is_not_installed() -> None:
    """Its wheel is only read as an archive."""
    assert importlib.util.find_spec("mediapipe") is None


def test_every_model_has_its_card() -> None:
    """And the card names the licence and the hash of what the model is made of."""
    for model in MANIFEST.models:
        card = (MANIFEST_PATH.parent / "cards" / f"{model.name.removesuffix('.gpu')}.md").read_text(
            "utf-8"
        )
        assert "Apache-2.0" in card
        for name in model.made_of:
            hashes = {source.name: source.sha256 for source in MANIFEST.sources}
            assert hashes.get(name, name) in card


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param('kind = "tflite"', 'kind = "guessed"', "guessed", id="unknown kind"),
        pytest.param("licence =", "license =", "license", id="unknown field"),
        pytest.param('sha256 = "bbff', 'sha256 = "BBFF', "sha256", id="no hash"),
        pytest.param('name = "coffee"', 'name = "brick"', "brick twice", id="doubled"),
        pytest.param('wheel = "matplotlib"', 'wheel = "matplot"', "no wheel", id="no such wheel"),
        pytest.param('"face_detector", "att', '"detector", "att', "detector", id="made of nothing"),
        pytest.param("[[wheels]]", "[[wheels]", "is wrong", id="not TOML"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    """The message says what is wrong with it."""
    path = tmp_path / "manifest.toml"
    path.write_text(TEXT.replace(old, new), "utf-8")
    with pytest.raises(Misconfigured, match=message):
        read_manifest(path)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param('kind = "url"\nurls = ["http://example.org/x"]', "https", id="plain http"),
        pytest.param('kind = "url"', "https", id="no address"),
        pytest.param('kind = "wheel-member"\nwheel = "matplotlib"', "which member", id="no member"),
    ],
)
def test_a_source_without_an_origin_is_refused(tmp_path: Path, fields: str, message: str) -> None:
    """An address must be https; a member must be named."""
    path = tmp_path / "manifest.toml"
    extra = f'[[sources]]\nname = "extra"\npurpose = "weights"\nsha256 = "{"0" * 64}"\nbytes = 1\n'
    path.write_text(f'{TEXT}\n{extra}licence = "CC0-1.0"\n{fields}\n', "utf-8")
    with pytest.raises(Misconfigured, match=message):
        read_manifest(path)


@given(st.sampled_from(MANIFEST.sources), st.sampled_from("0123456789abcdef"))
def test_a_key_changes_with_every_source_it_hangs_on(source: object, digit: str) -> None:
    """Another source, directly or behind another model, means another key."""
    assert isinstance(source, type(MANIFEST.sources[0]))
    changed = msgspec.structs.replace(source, sha256=digit * 64)
    others = tuple(changed if other is source else other for other in MANIFEST.sources)
    after = msgspec.structs.replace(MANIFEST, sources=others)
    hangs = {model.name for model in MANIFEST.models if source.name in model.made_of}
    for model in MANIFEST.models:
        hangs |= {model.name} if hangs & set(model.made_of) else set()
        assert (after.key(model) != MANIFEST.key(model)) == (model.name in hangs)
