"""Many hands for small independent pieces of work: decoding frames, cutting faces out.

OpenCV and the JPEG decoder release the interpreter, so that threads help. The work is dealt out in
as many parts as there are hands, since handing over a piece costs more than the smallest ones take.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

LEAST_ITEMS = 4
"""Fewer than this are not worth handing over."""


class Hands:
    """So many threads; with one, everything happens in the caller's.

    Args:
        threads: 1...
    """

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, "hands") if threads > 1 else None

    def map(self, work: Callable[[ItemT], ResultT], items: Sequence[ItemT]) -> list[ResultT]:
        """Do the work for each item and return what comes out, in order."""
        if self._pool is None or len(items) < LEAST_ITEMS:
            return [work(item) for item in items]

        def part(own: Iterable[ItemT]) -> list[ResultT]:
            return [work(item) for item in own]

        each = -(-len(items) // self.threads)
        parts = [items[start : start + each] for start in range(0, len(items), each)]
        return [result for done in self._pool.map(part, parts) for result in done]

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
