"""Settings are read from the source as it is written."""

from pathlib import Path

import pytest
from rapt.cli.settings import Setting, settings_of

SOURCE = '''
PREFIX = "RAPT_TOY_"

class Other(msgspec.Struct):
    ignored: int = 1

class ToyConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting."""

    key: Secret
    """Proves
    who we are."""
    data: Path = Path(".rapt")
    """A | B."""
    max_bytes: int = 64 << 20
    """Largest."""
    silent: bool = False

    def method(self) -> None:
        """Not a setting."""
'''


def test_each_field_becomes_a_setting(tmp_path: Path) -> None:
    """With its default as one would type it and its sentence on one line."""
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy/config.py").write_text(SOURCE)
    assert settings_of(tmp_path, "toy") == [
        Setting("RAPT_TOY_KEY", "required", "Proves who we are."),
        Setting("RAPT_TOY_DATA", "'.rapt'", r"A \| B."),
        Setting("RAPT_TOY_MAX_BYTES", "67108864", "Largest."),
        Setting("RAPT_TOY_SILENT", "False", ""),
    ]


@pytest.mark.parametrize("missing", ["PREFIX", "forbid_unknown_fields"])
def test_a_file_without_a_configuration_is_an_error(tmp_path: Path, missing: str) -> None:
    """Or a renamed struct would empty the document."""
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy/config.py").write_text(SOURCE.replace(missing, "other"))
    with pytest.raises(ValueError, match=missing):
        settings_of(tmp_path, "toy")
