"""Which frames wait: at most one of each stream, and the newest wins."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class Mailboxes(Generic[ItemT]):
    """One slot per stream. What is replaced comes back, so that it can be answered."""

    def __init__(self) -> None:
        self._slots: dict[int, ItemT] = {}

    def __len__(self) -> int:
        return len(self._slots)

    def __iter__(self) -> Iterator[tuple[int, ItemT]]:
        return iter(self._slots.items())

    def put(self, stream: int, item: ItemT) -> ItemT | None:
        """Take the newest item of a stream; return the one it supersedes."""
        superseded = self._slots.get(stream)
        self._slots[stream] = item
        return superseded

    def put_back(self, stream: int, item: ItemT) -> ItemT | None:
        """Return an item that was taken in vain; it comes back when a newer one is there."""
        if stream in self._slots:
            return item
        self._slots[stream] = item
        return None

    def take(self, streams: Iterable[int]) -> list[ItemT]:
        """Empty the slots of some streams; those with nothing in them give nothing."""
        return [self._slots.pop(stream) for stream in streams if stream in self._slots]
