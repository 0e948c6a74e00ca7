CREATE TABLE api_tokens (
  user_id uuid NOT NULL
    CONSTRAINT api_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  name text NOT NULL,
  token_hash bytea NOT NULL,
  -- The last characters, by which people recognise a token.
  hint text NOT NULL,
  -- Permissions; what the owner does not hold (any more) counts for nothing.
  scopes text[] NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  -- NULL: never.
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  CONSTRAINT api_tokens_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash),
  CONSTRAINT api_tokens_name_check CHECK (char_length(name) BETWEEN 1 AND 100)
);
