"""How are both ends of a gRPC connection set, so that little that is stale hides between them?

The limit of a transport is in bytes, so the smaller the frames, the more of them hide: of 10.7 kB
some ten still do. Therefore whoever sends frames keeps to `Control.credits`, too.
"""

FRESH: tuple[tuple[str, int], ...] = (
    # With the defaults 140 frames of 30 kB hide in the transport: 70 s of stale video.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 65_536),
    # An end that is gone is noticed within half a minute.
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # This one decides when a ping counts as unanswered: a minute by default (grpcio 1.85).
    ("grpc.http2.ping_timeout_ms", 10_000),
    # By default only two pings follow each other without data, and an idle end is missed for long.
    ("grpc.http2.max_pings_without_data", 0),
)
"""Options of both ends."""
