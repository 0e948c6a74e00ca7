-- Buckets of rate limits that several processes share.
CREATE TABLE rate_buckets (
  rule text NOT NULL,
  key text NOT NULL,
  -- When the bucket will be full again, in microseconds since the epoch; what it lacks follows from it.
  full_at_us bigint NOT NULL,
  CONSTRAINT rate_buckets_pkey PRIMARY KEY (rule, key)
) WITH (fillfactor = 70);

-- For purging.
CREATE INDEX rate_buckets_full_at_us_idx ON rate_buckets (full_at_us);
