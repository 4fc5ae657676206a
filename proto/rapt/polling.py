"""Why does a process that is done with gRPC not wait for it for ever?

When its last channel or server goes, grpc's asyncio half joins the thread that polls for it, and
that thread ends only when every call under way has been heard of. Inside a loop that is closing,
nobody hears any more: the process stands still. So the thread is kept until the process ends.
"""

from functools import cache

import grpc.aio


@cache
def keep_polling() -> None:
    """Keep grpc's polling thread as long as the process lives; asked inside a running loop."""
    grpc.aio.init_grpc_aio()
