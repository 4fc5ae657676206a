"""The models with every option, for tests of what the optional weights give.

They are built anew for the run, out of files that are on this machine: in the user's cache after
`./rapt models build --with gaze,expression,room`, or in the folder that RAPT_MODELS_MIRROR names.
Without them such a test is skipped and says how to get them; no test opens the network.
"""

import os
from pathlib import Path

import pytest
from rapt.errors import Misconfigured

from inference.models.build import build
from inference.models.fetched import is_cached
from inference.models.folder import ModelFolder
from inference.models.manifest import Manifest, OptionName, read_manifest
from inference.models.places import Places

OPTIONS: tuple[OptionName, ...] = ("gaze", "expression", "room")
BUILT = Path(__file__).resolve().parents[1] / ".rapt" / "models"
HOW = "./rapt models build --with gaze,expression,room"


class _Silent:
    """Hears what a build does and tells nobody."""

    def step(self, text: str, *, of: int | None = None) -> None:
        """Ignore it."""

    def done(self, amount: int) -> None:
        """Ignore it."""


@pytest.fixture(scope="session")
def full_models(tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """Return a folder of models with every option built."""
    mirror = os.environ.get("RAPT_MODELS_MIRROR")
    places = Places(
        models=tmp_path_factory.mktemp("full") / "models",
        cache=_cache(),
        mirror=Path(mirror) if mirror else None,
    )
    manifest = read_manifest()
    lacking = _lacking(manifest, places)
    if lacking:
        pytest.skip(f"optional weights are not on this machine ({lacking[0]}, ...): run {HOW}")
    build(manifest, places, _Silent(), asked=OPTIONS)
    return ModelFolder(places.models)


def _cache() -> Path:
    """The cache that the built models were made from."""
    try:
        return ModelFolder(BUILT).source("face_landmark").parents[1]
    except Misconfigured as error:
        pytest.fail(f"these tests need the models: {error}", pytrace=False)


def _lacking(manifest: Manifest, places: Places) -> list[str]:
    """Names of files that neither the cache nor the mirror has."""
    chosen = [m for m in manifest.models if m.options and {*m.options} <= {*OPTIONS}]
    wanted = {name for model in chosen for name in model.made_of}
    sources = [source for source in manifest.sources if source.name in wanted]
    return [
        source.file
        for source in sources
        if not is_cached(places.cache, source)
        and not (places.mirror is not None and (places.mirror / source.file).is_file())
    ]
