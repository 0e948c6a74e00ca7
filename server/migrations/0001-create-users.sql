-- Ids are UUID v7 made by the application.
CREATE TABLE users (
  id uuid CONSTRAINT users_pkey PRIMARY KEY,
  -- As typed, and as compared: NFC, trimmed, lower case.
  email text NOT NULL,
  email_canonical text NOT NULL,
  name text,
  -- NULL: the account has no password and signs in by a provider.
  password_hash text,
  status text NOT NULL DEFAULT 'unverified',
  email_verified_at timestamptz(3),
  avatar_url text,
  last_login_at timestamptz(3),
  -- Raised by every change that makes access tokens issued before it stale.
  auth_version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  deleted_at timestamptz(3),
  CONSTRAINT users_status_check CHECK (status IN ('unverified', 'active', 'disabled'))
);

-- A deleted account gives its address free.
CREATE UNIQUE INDEX users_email_canonical_key ON users (email_canonical) WHERE deleted_at IS NULL;

CREATE INDEX users_deleted_at_idx ON users (deleted_at) WHERE deleted_at IS NOT NULL;
