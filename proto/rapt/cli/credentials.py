"""Passwords and keys of one data folder: `secrets.json`, mode 0600, made once."""

import os
import secrets
from pathlib import Path

import msgspec

from rapt.config import Secret
from rapt.errors import Misconfigured

FILE_NAME = "secrets.json"


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What our own services prove themselves with. They never leave this machine."""

    writer_password: str = msgspec.field(default_factory=_new_secret)
    """The store's account that writes facts."""
    reader_password: str = msgspec.field(default_factory=_new_secret)
    """The store's account that answers questions."""
    redis_password: str = msgspec.field(default_factory=_new_secret)
    """Valkey's only account."""
    inference_token: str = msgspec.field(default_factory=_new_secret)
    """What the gateway brings to the inference worker."""
    local_token: str = msgspec.field(default_factory=_new_secret)
    """Bearer token of the person who started the services."""
    ticket_key: str = msgspec.field(default_factory=_new_secret)
    """Signs the tickets that open sessions."""

    def __repr__(self) -> str:
        return repr(Secret())


def load_credentials(data: Path) -> Credentials:
    """Read the folder's credentials; make those that are not there yet.

    Raises:
        Misconfigured: the file is damaged; says what to do.
    """
    path = data / FILE_NAME
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        kept = b"{}"
    try:
        credentials = msgspec.json.decode(kept, type=Credentials)
    except msgspec.DecodeError as error:
        raise Misconfigured(f"{path} is damaged; delete it and start again") from error
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(credentials)))
    part.replace(path)
    return credentials
