"""Who is at the other end of a gRPC connection? Certificates and keys from files, PEM.

A server shows its certificate; with an authority for clients it also asks theirs (mutual TLS).
A client believes servers that its authority has signed. Files are read at the start, and those of
a client again for each connection.
"""

from dataclasses import dataclass
from pathlib import Path

import grpc

from rapt.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class ServerTls:
    """Files of the listening end."""

    certificate: str
    """Its own, and those between it and an authority that clients know."""
    key: str
    """Private, of the certificate."""
    client_ca: str = ""
    """Authority that must have signed a client's certificate; empty = clients show none."""

    def credentials(self) -> grpc.ServerCredentials:
        """Read the files.

        Raises:
            Misconfigured: one is missing, or is no certificate or key.
        """
        pair = (_pem(self.key, "PRIVATE KEY"), _pem(self.certificate, "CERTIFICATE"))
        authority = _pem(self.client_ca, "CERTIFICATE") if self.client_ca else None
        return grpc.ssl_server_credentials(
            [pair], root_certificates=authority, require_client_auth=authority is not None
        )


@dataclass(frozen=True, slots=True)
class ClientTls:
    """Files of the calling end."""

    ca: str
    """Authority that must have signed the server's certificate."""
    certificate: str = ""
    """Its own, for a server that asks; empty = it shows none."""
    key: str = ""
    """Private, of the certificate."""

    def credentials(self) -> grpc.ChannelCredentials:
        """Read the files.

        Raises:
            Misconfigured: one is missing, or is no certificate or key.
        """
        if bool(self.certificate) != bool(self.key):
            raise Misconfigured("a client's certificate and key come together; set both or none")
        return grpc.ssl_channel_credentials(
            root_certificates=_pem(self.ca, "CERTIFICATE"),
            private_key=_pem(self.key, "PRIVATE KEY") if self.key else None,
            certificate_chain=_pem(self.certificate, "CERTIFICATE") if self.certificate else None,
        )


def server_tls(certificate: str, key: str, client_ca: str) -> ServerTls | None:
    """Return what the settings of a server mean; None = no TLS.

    Raises:
        Misconfigured: one is there without the other.
    """
    if bool(certificate) != bool(key) or (client_ca and not certificate):
        raise Misconfigured("TLS needs both tls_certificate and tls_key; tls_client_ca needs both")
    return ServerTls(certificate, key, client_ca) if certificate else None


def client_tls(ca: str, certificate: str, key: str) -> ClientTls | None:
    """Return what the settings of a client mean; None = no TLS.

    Raises:
        Misconfigured: a file is missing or wrong, or there is no authority to believe servers by.
    """
    if (certificate or key) and not ca:
        raise Misconfigured("a certificate for TLS needs the authority (ca) of the servers, too")
    tls = ClientTls(ca, certificate, key) if ca else None
    if tls is not None:
        tls.credentials()  # so that a wrong file stops the start, not the first call
    return tls


def open_channel(
    address: str, *, tls: ClientTls | None, options: list[tuple[str, int]] | None = None
) -> grpc.aio.Channel:
    """Return a channel, secured where TLS is set.

    Raises:
        Misconfigured: a file of TLS is missing or wrong.
    """
    if tls is None:
        return grpc.aio.insecure_channel(address, options=options)
    return grpc.aio.secure_channel(address, tls.credentials(), options=options)


def _pem(path: str, what: str) -> bytes:
    """Read a file and see that it holds what it should; gRPC's own complaint names neither."""
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise Misconfigured(f"cannot read {path} for TLS: {error.strerror}") from error
    if b"-----BEGIN " not in text or what.encode() not in text:
        raise Misconfigured(f"{path} holds no {what} in PEM")
    return text
