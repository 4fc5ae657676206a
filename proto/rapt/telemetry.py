"""How every process logs: one JSON object a line on standard error.

Events are constants named noun_past_verb; numbers are fields with units in their names.
Log per stream and per batch, never per frame. Pictures, tokens and addresses never reach a log.
"""

import logging
import sys
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor


def start_logging(process: str, *, level: str = "info") -> None:
    """Send structlog and the standard library's warnings to standard error as JSON lines."""
    last: list[Processor] = [
        _named(process),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", Lines(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, _Said)]:
        root.removeHandler(handler)  # of another level, before the settings were read
    said = _Said(cast("TextIO", Lines(sys.stderr)))
    said.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, _told_by_library],
            processors=[ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[said], level=logging.WARNING)


def _named(process: str) -> Processor:
    """Return what says which process it is, in every thread."""

    def name(_: Any, __: str, event: EventDict) -> EventDict:
        event["process"] = process
        return event

    return name


def _told_by_library(_: Any, __: str, event: EventDict) -> EventDict:
    """Make an event of a library's sentence, which becomes its `detail`."""
    event["detail"], event["event"] = event["event"], "library_warned"
    event["library"] = event["_record"].name
    return event


class _Said(logging.StreamHandler[TextIO]):
    """What libraries say, on its way to our log."""


class Lines:
    """A stream that loses a line rather than end a process: the disk is full, or nobody reads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write what can be written."""
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Hand over what was written."""
        with suppress(OSError):
            self._stream.flush()
