"""Who may call, for which tenant, and how much? Bearer tokens, known by their hashes.

Two kinds of callers. A gateway brings the worker's own token and speaks for every tenant. A tenant
brings a token of its own; the file of grants holds only its SHA-256, what it may use, and whose it
is. Where neither a token nor a file is set everyone may call, which the server allows on loopback
alone or, with mutual TLS, to whoever shows a certificate.
"""

import hashlib
import hmac
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from rapt.bearer import KEY, token_in
from rapt.errors import Misconfigured, NotPermitted, NotSignedIn

_DIGEST = re.compile(r"[0-9a-f]{64}")
_NOBODY = bytes(32)
Metadata = Iterable[tuple[str, str | bytes]]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a caller may do."""

    tenant_id: int | None
    """Whose caller it is; None = a gateway, which speaks for every tenant."""
    weight: float = 1.0
    """Share of a full device, against other tenants."""
    max_streams: int | None = None
    """Open streams and sequences; None = any number."""
    frames_per_s: float | None = None
    """Of all its streams and requests together; None = any number."""

    def check_tenant(self, tenant_id: int) -> None:
        """Let a caller speak for its own tenant alone.

        Raises:
            NotPermitted: it names another.
        """
        if self.tenant_id is not None and self.tenant_id != tenant_id:
            raise NotPermitted(f"this token speaks for tenant {self.tenant_id} alone")


GATEWAY = Grant(None)


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[grant]]` of the file."""

    token_sha256: str
    tenant: Annotated[int, msgspec.Meta(gt=0, lt=2**32)]
    weight: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 1.0
    max_streams: Annotated[int, msgspec.Meta(ge=0)] | None = None
    frames_per_s: Annotated[float, msgspec.Meta(gt=0)] | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    grant: tuple[_Entry, ...] = ()


class Grants:
    """Everyone who may call."""

    def __init__(self, *, token: str = "", tenants: Mapping[bytes, Grant] | None = None) -> None:
        self._token = token
        self._tenants = dict(tenants or {})  # by SHA-256 of the token
        self.weights = {
            grant.tenant_id: grant.weight
            for grant in self._tenants.values()
            if grant.tenant_id is not None
        }
        """Of every tenant that has a token of its own."""

    @classmethod
    def load(cls, path: str, token: str) -> "Grants":
        """Read a file of grants.

        Args:
            path: TOML with `[[grant]]` tables; empty = no tenant has a token.
            token: of our own gateways; empty = they bring none.

        Raises:
            Misconfigured: it cannot be read, or says something twice or wrong.
        """
        if not path:
            return cls(token=token)
        try:
            with Path(path).open("rb") as file:
                said = msgspec.convert(tomllib.load(file), _File)
        except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise Misconfigured(f"the grants in {path} cannot be read: {error}") from error
        tenants: dict[bytes, Grant] = {}
        for number, entry in enumerate(said.grant, 1):
            if not _DIGEST.fullmatch(entry.token_sha256):
                raise Misconfigured(f"{path}: grant {number} has no SHA-256 in 64 small hex digits")
            digest = bytes.fromhex(entry.token_sha256)
            if digest in tenants:
                raise Misconfigured(f"{path}: grant {number} has the token of another grant")
            tenants[digest] = Grant(
                entry.tenant, entry.weight, entry.max_streams, entry.frames_per_s
            )
        if not tenants:
            raise Misconfigured(f"{path} holds no [[grant]]")
        return cls(token=token, tenants=tenants)

    @property
    def are_open(self) -> bool:
        """Whether anyone may call."""
        return not self._token and not self._tenants

    def of(self, metadata: Metadata | None) -> Grant:
        """Return what a caller may do, by what it brings.

        Takes the same time for every wrong token: a digest tells nothing of the token it is looked
        up for, and the last word has a comparison that does not stop early.

        Raises:
            NotSignedIn: it brings no token that we know.
        """
        if self.are_open:
            return GATEWAY
        token = token_in(next((value for key, value in metadata or () if key == KEY), ""))
        if self._token and hmac.compare_digest(token, self._token.encode()):
            return GATEWAY
        if token:
            digest = hashlib.sha256(token).digest()
            known = digest if digest in self._tenants else _NOBODY
            if hmac.compare_digest(known, digest):
                return self._tenants[digest]
        raise NotSignedIn("the call does not bring this worker's token, or one of its grants")
