"""How a program uses Rapt from outside: REST for contents and answers, a WebSocket for a session.

The demo, the benchmarks and the tests speak through this package alone, as any other client could.
"""

from rapt.client.rest import (
    Content,
    Heatmap,
    OpenedSession,
    Rest,
    SessionFact,
    SessionRow,
    Totals,
)
from rapt.client.viewing import Viewing

__all__ = [
    "Content",
    "Heatmap",
    "OpenedSession",
    "Rest",
    "SessionFact",
    "SessionRow",
    "Totals",
    "Viewing",
]
