CREATE TABLE sessions (
  user_id uuid NOT NULL
    CONSTRAINT sessions_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  -- Refresh tokens are derived from id and counter, so that nothing here can be replayed.
  refresh_counter integer NOT NULL DEFAULT 0,
  rotated_at timestamptz(3),
  is_remembered boolean NOT NULL DEFAULT false,
  user_agent text,
  address inet,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  last_used_at timestamptz(3) NOT NULL DEFAULT now(),
  idle_expires_at timestamptz(3) NOT NULL,
  absolute_expires_at timestamptz(3) NOT NULL,
  authenticated_at timestamptz(3) NOT NULL DEFAULT now(),
  ended_at timestamptz(3),
  end_reason text,
  CONSTRAINT sessions_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT sessions_user_agent_check CHECK (char_length(user_agent) <= 512),
  CONSTRAINT sessions_end_reason_check
    CHECK (end_reason IN ('logout', 'reuse', 'expired', 'revoked', 'password', 'admin')),
  CONSTRAINT sessions_ended_check CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);

-- For purging.
CREATE INDEX sessions_idle_expires_at_idx ON sessions (idle_expires_at);
CREATE INDEX sessions_ended_at_idx ON sessions (ended_at) WHERE ended_at IS NOT NULL;
