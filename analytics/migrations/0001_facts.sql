-- Facts, interactions, sessions, bins, erasures, and what the bins were computed from.
-- Replacing keys make a repeated insert harmless for ever; the window makes it harmless at once.

CREATE TABLE IF NOT EXISTS facts (
  tenant_id UInt32,
  content_id UInt64,
  session_id UInt64,
  t_s UInt32 CODEC(Delta, ZSTD(1)),
  user_key UInt64,
  course_id UInt32,
  role Enum8('student' = 1, 'teacher' = 2, 'creator' = 3, 'admin' = 4, 'operator' = 5),
  ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  media_ms UInt32 CODEC(Delta, ZSTD(1)),
  advance_ms UInt16,
  pass_no UInt8,
  player Enum8('unknown' = 0, 'playing' = 1, 'paused' = 2, 'buffering' = 3, 'ended' = 4),
  visible UInt8,
  idle UInt8,
  frames UInt8 TTL toDateTime(ts) + toIntervalDay(camera_keep_days),
  attention_pct Nullable(UInt8) TTL toDateTime(ts) + toIntervalDay(camera_keep_days),
  on_screen_pct Nullable(UInt8) TTL toDateTime(ts) + toIntervalDay(camera_keep_days),
  eyes_closed_pct Nullable(UInt8) TTL toDateTime(ts) + toIntervalDay(camera_keep_days),
  verdict UInt8 TTL toDateTime(ts) + toIntervalDay(camera_keep_days),
  confidence_pct UInt8 TTL toDateTime(ts) + toIntervalDay(camera_keep_days),
  model LowCardinality(String),
  policy LowCardinality(String),
  fence UInt32,
  batch UInt64,
  keep_days UInt16,
  camera_keep_days UInt16,
  ingested_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(ingested_at)
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant_id, content_id, session_id, t_s)
TTL toDateTime(ts) + toIntervalDay(keep_days)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS interactions (
  tenant_id UInt32,
  content_id UInt64,
  session_id UInt64,
  seq UInt32,
  user_key UInt64,
  course_id UInt32,
  role Enum8('student' = 1, 'teacher' = 2, 'creator' = 3, 'admin' = 4, 'operator' = 5),
  ts DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
  kind LowCardinality(String),
  from_ms UInt32,
  to_ms UInt32,
  value Float32,
  fence UInt32,
  batch UInt64,
  keep_days UInt16
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant_id, content_id, session_id, seq)
TTL toDateTime(ts) + toIntervalDay(keep_days)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS sessions (
  tenant_id UInt32,
  content_id UInt64,
  session_id UInt64,
  user_key UInt64,
  course_id UInt32,
  role Enum8('student' = 1, 'teacher' = 2, 'creator' = 3, 'admin' = 4, 'operator' = 5),
  device LowCardinality(String),
  opened_at DateTime64(3, 'UTC'),
  seen_at DateTime64(3, 'UTC'),
  exit_reason Enum8('open' = 0, 'left' = 1, 'completed' = 2, 'lost' = 3, 'taken_over' = 4, 'void' = 5),
  first_ms UInt32,
  last_ms UInt32,
  max_ms UInt32,
  watched_ms UInt32,
  unique_ms UInt32,
  hidden_ms UInt32,
  segment Nested(from_ms UInt32, to_ms UInt32, rate_pct UInt16, visible UInt8, at DateTime64(3, 'UTC')),
  attention_n UInt32,
  attention_sum UInt32,
  attention_sumsq UInt64,
  fence UInt32,
  keep_days UInt16,
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(opened_at)
ORDER BY (tenant_id, content_id, session_id)
TTL toDateTime(opened_at) + toIntervalDay(keep_days)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS bins (
  tenant_id UInt32,
  content_id UInt64,
  bin_s UInt8,
  bin UInt32,
  plays_ms UInt64,
  unique_ms UInt64,
  hidden_ms UInt64,
  users UInt32,
  attention_n UInt32,
  attention_sum Float64,
  attention_sumsq Float64,
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, content_id, bin_s, bin)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS erasures (
  tenant_id UInt32,
  user_key UInt64,
  asked_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(asked_at)
ORDER BY (tenant_id, user_key)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS rollups (
  tenant_id UInt32,
  content_id UInt64,
  sessions_hash UInt64,
  version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, content_id)
SETTINGS non_replicated_deduplication_window = 10000;
