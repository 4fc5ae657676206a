"""How does a file come from an https address, going on where it was interrupted?"""

from pathlib import Path

import httpx
from rapt.errors import Misconfigured, Unavailable

from inference.models.manifest import Source
from inference.models.progress import Teller

_TIMEOUT_S = 30.0  # for each read, not for the whole file


def download(source: Source, url: str, folder: Path, teller: Teller) -> bytes:
    """Return the bytes at one of the source's addresses; those before an interruption are kept.

    Raises:
        Misconfigured: the address answers with more bytes than the manifest says.
        Unavailable: the address could not be read to its end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{source.sha256[:16]}.partial"
    try:
        _continue(source, url, partial, teller)
    except httpx.HTTPError as error:
        raise Unavailable(f"could not download {url}: {error}") from error
    data = partial.read_bytes()
    partial.unlink()
    return data


def _continue(source: Source, url: str, partial: Path, teller: Teller) -> None:
    size_bytes = partial.stat().st_size if partial.exists() else 0
    if size_bytes >= source.bytes:
        partial.unlink()
        size_bytes = 0
    headers = {"Range": f"bytes={size_bytes}-"} if size_bytes else {}
    with httpx.stream(
        "GET", url, headers=headers, timeout=_TIMEOUT_S, follow_redirects=True
    ) as response:
        response.raise_for_status()
        is_rest = response.status_code == httpx.codes.PARTIAL_CONTENT
        size_bytes = size_bytes if is_rest else 0
        with partial.open("ab" if is_rest else "wb") as file:
            for chunk in response.iter_bytes():
                file.write(chunk)
                size_bytes += len(chunk)
                teller.done(size_bytes)
                if size_bytes > source.bytes:
                    break
    if size_bytes > source.bytes:
        partial.unlink()
        raise Misconfigured(f"{url} is longer than the {source.bytes} bytes it should be")
