"""The limits in the code are those that the contract states."""

from pathlib import Path

import pytest
from rapt import deadline, limits


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("perception", f"unmirrored, at most {limits.MAX_FRAME_BYTES // 1024} KiB and"),
        ("perception", f"KiB and {limits.MAX_FRAME_PIXELS // 1_000_000} megapixels."),
        ("perception", f"in order of playing; at most {limits.MAX_SEGMENTS}."),
        ("perception", f"percent of normal, 1..{limits.MAX_RATE_PCT}."),
        (
            "perception",
            f"from arrival on, 1..{deadline.MAX_BUDGET_MS}; 0 = {deadline.DEFAULT_BUDGET_MS}.",
        ),
        ("perception", f"At most {limits.MAX_STATE_BYTES // 1024} KiB, opaque"),
        ("perception", f"from written.until_s on; at most {limits.MAX_GLANCES}."),
        ("perception", f"most {limits.MAX_KEPT_EVENTS}. They are not written again."),
        ("perception", "is more than five minutes from now"),
        ("viewing", f"at most {limits.MAX_MESSAGE_BYTES // 1024} KiB."),
    ],
)
def test_the_contract_says_so(repository: Path, file: str, sentence: str) -> None:
    """Whoever changes one changes both."""
    assert sentence in (repository / f"proto/rapt/v1/{file}.proto").read_text()


def test_five_minutes() -> None:
    """As the contract says in words."""
    assert limits.MAX_CLOCK_ERROR_S == 5 * 60
