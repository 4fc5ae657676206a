"""Who may call, and for whom."""

from hashlib import sha256
from pathlib import Path

import pytest
from rapt.bearer import metadata_with
from rapt.errors import Misconfigured, NotPermitted, NotSignedIn

from inference.grants import Grant, Grants

FILE = """
[[grant]]
token_sha256 = "{one}"
tenant = 7
weight = 2.5
max_streams = 100
frames_per_s = 500.0

[[grant]]
token_sha256 = "{two}"
tenant = 8
"""


def digest_of(token: str) -> str:
    """Return a token as the file holds it."""
    return sha256(token.encode()).hexdigest()


@pytest.fixture
def grants(tmp_path: Path) -> Grants:
    """Two tenants and a gateway."""
    path = tmp_path / "grants.toml"
    path.write_text(FILE.format(one=digest_of("of-seven"), two=digest_of("of-eight")))
    return Grants.load(str(path), "of-the-gateway")


def test_a_token_says_whose_it_is_and_how_much(grants: Grants) -> None:
    """What the file does not name is not limited."""
    assert grants.of(metadata_with("of-seven")) == Grant(7, 2.5, 100, 500.0)
    assert grants.of(metadata_with("of-eight")) == Grant(8, 1.0, None, None)
    assert grants.of(metadata_with("of-the-gateway")).tenant_id is None


@pytest.mark.parametrize(
    "metadata",
    [
        (),
        None,
        metadata_with("of-nobody"),
        metadata_with(digest_of("of-seven")),
        (("authorization", "of-seven"),),
        (("authorization", "Basic of-seven"),),
        (("authorization", b"\xff\xfe"),),
        (("authorization", "Bearer "),),
        (("token", "Bearer of-seven"),),
    ],
)
def test_whoever_brings_no_token_that_we_know_does_not_come_in(
    grants: Grants, metadata: tuple[tuple[str, str | bytes], ...] | None
) -> None:
    """Also with the hash instead of the token, and without saying why."""
    with pytest.raises(NotSignedIn) as caught:
        grants.of(metadata)
    assert "seven" not in str(caught.value)


def test_tenants_tokens_alone_close_the_door(tmp_path: Path) -> None:
    """A worker with a file and no gateway's token lets nobody in without one."""
    path = tmp_path / "grants.toml"
    path.write_text(FILE.format(one=digest_of("of-seven"), two=digest_of("of-eight")))
    grants = Grants.load(str(path), "")
    assert not grants.are_open
    with pytest.raises(NotSignedIn):
        grants.of(())


def test_without_tokens_anyone_is_a_gateway() -> None:
    """The server allows that on loopback alone."""
    grants = Grants.load("", "")
    assert grants.are_open
    assert grants.of(()).tenant_id is None


def test_a_tenant_speaks_for_itself_alone() -> None:
    """A gateway speaks for everyone."""
    Grant(7).check_tenant(7)
    Grant(None).check_tenant(8)
    with pytest.raises(NotPermitted, match="tenant 7"):
        Grant(7).check_tenant(8)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param("", "holds no", id="empty"),
        pytest.param("[[grant]", "cannot be read", id="no TOML"),
        pytest.param("[[grant]]\ntenant = 7", "token_sha256", id="no token"),
        pytest.param('[[grant]]\ntoken_sha256 = "secret"\ntenant = 7', "SHA-256", id="no hash"),
        pytest.param(f'[[grant]]\ntoken_sha256 = "{"0" * 64}"\ntenant = 0', "tenant", id="nobody"),
        pytest.param(
            f'[[grant]]\ntoken_sha256 = "{"0" * 64}"\ntenant = 7\nmass = 1',
            "mass",
            id="unknown word",
        ),
        pytest.param(FILE.format(one="0" * 64, two="0" * 64), "another grant", id="twice"),
    ],
)
def test_a_wrong_file_stops_the_start_and_is_named(tmp_path: Path, text: str, word: str) -> None:
    """With what is wrong in it, and never a token."""
    path = tmp_path / "grants.toml"
    path.write_text(text)
    with pytest.raises(Misconfigured, match=word) as caught:
        Grants.load(str(path), "")
    assert str(path) in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    """Rather than letting anyone in."""
    with pytest.raises(Misconfigured, match="cannot be read"):
        Grants.load(str(tmp_path / "nothing.toml"), "")
