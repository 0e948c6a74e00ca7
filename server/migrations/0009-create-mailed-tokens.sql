ALTER TABLE users
  ADD COLUMN theme text NOT NULL DEFAULT 'system',
  -- IANA name; NULL: that of the device.
  ADD COLUMN time_zone text,
  -- Mail that is not about the security of the account.
  ADD COLUMN email_notices boolean NOT NULL DEFAULT true,
  -- The address that is to replace the present one, once its owner has confirmed it.
  ADD COLUMN pending_email text,
  ADD COLUMN pending_email_at timestamptz(3),
  ADD CONSTRAINT users_theme_check CHECK (theme IN ('system', 'light', 'dark')),
  ADD CONSTRAINT users_pending_email_check
    CHECK ((pending_email IS NULL) = (pending_email_at IS NULL));

-- Pages of all accounts, in each order that administrators can ask for.
CREATE INDEX users_created_at_idx ON users (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX users_email_idx ON users (email_canonical, id) WHERE deleted_at IS NULL;
CREATE INDEX users_name_idx ON users ((coalesce(name, '') COLLATE natural_order), id)
  WHERE deleted_at IS NULL;
CREATE INDEX users_last_login_at_idx ON users ((coalesce(last_login_at, '-infinity')), id)
  WHERE deleted_at IS NULL;

-- Anything in address or name; a search writes the same expression.
CREATE INDEX users_search_idx ON users USING gin
  (lower((email || E'\n' || coalesce(name, '')) COLLATE natural_order) gin_trgm_ops)
  WHERE deleted_at IS NULL;

-- Single-use tokens that were mailed, as SHA-256.
CREATE TABLE mailed_tokens (
  user_id uuid NOT NULL
    CONSTRAINT mailed_tokens_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  purpose text NOT NULL,
  token_hash bytea NOT NULL,
  -- The token is good only while these are the account's.
  email_canonical text NOT NULL,
  auth_version integer NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  CONSTRAINT mailed_tokens_pkey PRIMARY KEY (user_id, purpose, token_hash),
  CONSTRAINT mailed_tokens_token_hash_key UNIQUE (token_hash),
  CONSTRAINT mailed_tokens_purpose_check CHECK (purpose IN ('verify', 'reset', 'change_email'))
);

-- For purging.
CREATE INDEX mailed_tokens_expires_at_idx ON mailed_tokens (expires_at);

-- Links that make the first administrator, as SHA-256; of no use once there is one.
CREATE TABLE setup_tokens (
  token_hash bytea CONSTRAINT setup_tokens_pkey PRIMARY KEY,
  created_at timestamptz(3) NOT NULL DEFAULT now()
);
