-- Who did what, in the order of commits. Each row carries the hash of the one before it.
CREATE TABLE audit_events (
  position bigint CONSTRAINT audit_events_pkey PRIMARY KEY,
  occurred_at timestamptz(3) NOT NULL DEFAULT now(),
  actor_kind text NOT NULL,
  -- The person who acted, or whose API token did.
  actor_id uuid,
  api_token_id uuid,
  action text NOT NULL,
  target_kind text NOT NULL,
  target_id text,
  -- The person whom the event concerns: they see it.
  user_id uuid,
  request_id uuid,
  -- Fields that changed; never a secret, never anything personal.
  changes jsonb NOT NULL DEFAULT '{}',
  -- Salted digests of the side rows in audit_personal, which may be erased.
  origin_digest bytea,
  subject_digest bytea,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL,
  CONSTRAINT audit_events_actor_kind_check
    CHECK (actor_kind IN ('user', 'api_token', 'foreign', 'operator', 'system', 'anonymous')),
  CONSTRAINT audit_events_action_check CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
  CONSTRAINT audit_events_previous_hash_key UNIQUE (previous_hash)
);

CREATE INDEX audit_events_actor_id_idx ON audit_events (actor_id, position);
CREATE INDEX audit_events_actor_kind_idx ON audit_events (actor_kind, position)
  WHERE actor_id IS NULL;
CREATE INDEX audit_events_user_id_idx ON audit_events (user_id, position);
CREATE INDEX audit_events_action_idx ON audit_events (action, position);
CREATE INDEX audit_events_target_id_idx ON audit_events (target_id, position);
CREATE INDEX audit_events_occurred_at_idx ON audit_events (occurred_at, position);

-- What is personal in an event. Erasing rows here leaves the chain whole.
CREATE TABLE audit_personal (
  position bigint NOT NULL
    CONSTRAINT audit_personal_position_fkey REFERENCES audit_events (position),
  -- origin: address and user agent of the actor; subject: about the person whom the event concerns.
  part text NOT NULL,
  -- The person whose data this is.
  user_id uuid,
  salt bytea NOT NULL,
  data jsonb NOT NULL,
  CONSTRAINT audit_personal_pkey PRIMARY KEY (position, part),
  CONSTRAINT audit_personal_part_check CHECK (part IN ('origin', 'subject'))
);

CREATE INDEX audit_personal_user_id_idx ON audit_personal (user_id);

-- What the chain was at a time, signed with a key that is not in the database.
CREATE TABLE audit_checkpoints (
  position bigint CONSTRAINT audit_checkpoints_pkey PRIMARY KEY,
  hash bytea NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  signature bytea NOT NULL
);

CREATE FUNCTION audit_event_hash(event audit_events) RETURNS bytea
LANGUAGE sql STABLE AS $$
  SELECT sha256(event.previous_hash || convert_to(jsonb_build_array(
    event.position,
    to_char(event.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    event.actor_kind, event.actor_id, event.api_token_id, event.action,
    event.target_kind, event.target_id, event.user_id, event.request_id, event.changes,
    encode(event.origin_digest, 'hex'), encode(event.subject_digest, 'hex')
  )::text, 'UTF8'))
$$;

-- Gives a row its place and its time, which never goes back, so that a range of times is a range of
-- places. The lock is held until the end of the transaction, so events are written last.
CREATE FUNCTION chain_audit_event() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  last audit_events;
BEGIN
  -- Other levels do not see what was committed while they waited for the lock.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'The audit log is written in read committed only'
      USING ERRCODE = 'invalid_transaction_state';
  END IF;
  PERFORM pg_advisory_xact_lock(1685021547, 1);
  -- A process that stands still before its commit must not keep everybody waiting.
  PERFORM set_config('idle_in_transaction_session_timeout', '5000', true);
  SELECT * INTO last FROM audit_events ORDER BY position DESC LIMIT 1;
  NEW.occurred_at := greatest(date_trunc('milliseconds', clock_timestamp()), last.occurred_at);
  NEW.position := coalesce(last.position, 0) + 1;
  NEW.previous_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  NEW.hash := audit_event_hash(NEW);
  RETURN NEW;
END
$$;

CREATE TRIGGER audit_events_chain BEFORE INSERT ON audit_events
FOR EACH ROW EXECUTE FUNCTION chain_audit_event();

CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is never changed (% on %)', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER audit_events_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();

CREATE TRIGGER audit_checkpoints_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();

CREATE TRIGGER audit_personal_keep BEFORE UPDATE OR TRUNCATE ON audit_personal
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();
