CREATE TABLE idempotency_records (
  user_id uuid NOT NULL
    CONSTRAINT idempotency_records_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  method text NOT NULL,
  path text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  -- The answer, written in the transaction of the change itself.
  status integer NOT NULL,
  body text NOT NULL,
  headers jsonb NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  CONSTRAINT idempotency_records_pkey PRIMARY KEY (user_id, method, path, key)
);

-- For purging.
CREATE INDEX idempotency_records_created_at_idx ON idempotency_records (created_at);
