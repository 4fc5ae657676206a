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
    structlog.contextvars.bind_contextvars(process=process)
    said = logging.StreamHandler(cast("TextIO", Lines(sys.stderr)))
    said.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, _told_by(process)],
            processors=[ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[said], level=logging.WARNING, force=True)


def _told_by(process: str) -> Processor:
    """Return what makes an event of a library's sentence: the sentence is its `detail`."""

    def tell(_: Any, __: str, event: EventDict) -> EventDict:
        event["detail"], event["event"] = event["event"], "library_warned"
        event["library"], event["process"] = event["_record"].name, process
        return event

    return tell


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
