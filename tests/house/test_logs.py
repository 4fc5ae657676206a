"""What our processes may say in a log, read from the source."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
PACKAGES = ("proto/rapt", "analytics", "inference", "gateway")
EVENT = re.compile(r"[a-z]+(_[a-z]+)+")
SECRET = re.compile(
    r"token|secret|password|image|picture|pixels|name$|email|ticket|display|authorization|url$|key$"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One call that logs."""

    place: str
    event: str | None
    """None when it is no constant."""
    fields: tuple[str, ...]


def lines(repository: Path) -> Iterator[Line]:
    """Return every call of a `log` in the source of the processes."""
    for package in PACKAGES:
        for path in sorted((repository / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _logs(node.func):
                    yield _line(f"{path.relative_to(repository)}:{node.lineno}", node)


def _logs(called: ast.expr) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and called.attr in LEVELS
        and isinstance(called.value, ast.Name)
        and called.value.id == "log"
    )


def _line(place: str, call: ast.Call) -> Line:
    first = call.args[0] if call.args else None
    events = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
    texts = [e.value for e in events if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    event = " ".join(dict.fromkeys(texts)) if len(texts) == len(events) else None
    return Line(place, event, tuple(keyword.arg or "" for keyword in call.keywords))


def test_an_event_is_a_constant_of_several_words(repository: Path) -> None:
    """So that it can be counted and searched for; what differs is in the fields."""
    found = list(lines(repository))
    wrong = [
        line
        for line in found
        if line.event is None or not all(EVENT.fullmatch(one) for one in line.event.split())
    ]
    assert len(found) > 40
    assert wrong == []


def test_no_field_holds_what_must_not_be_logged(repository: Path) -> None:
    """Pictures, tokens, names of people and addresses with passwords in them."""
    wrong = [
        (line.place, field)
        for line in lines(repository)
        for field in line.fields
        if SECRET.search(field)
    ]
    assert wrong == []
