-- A person may be known by a provider alone, without an address.
ALTER TABLE users
  ALTER COLUMN email DROP NOT NULL,
  ALTER COLUMN email_canonical DROP NOT NULL,
  ADD CONSTRAINT users_email_check CHECK ((email IS NULL) = (email_canonical IS NULL));

-- Orders and searches with those who have none.
DROP INDEX users_email_idx;
CREATE INDEX users_email_idx ON users ((coalesce(email_canonical, '')), id)
  WHERE deleted_at IS NULL;
DROP INDEX users_search_idx;
CREATE INDEX users_search_idx ON users USING gin
  (lower((coalesce(email, '') || E'\n' || coalesce(name, '')) COLLATE natural_order) gin_trgm_ops)
  WHERE deleted_at IS NULL;

-- Who vouches for a person, and what they are called there. Never matched by the address.
CREATE TABLE user_auth_providers (
  user_id uuid NOT NULL
    CONSTRAINT user_auth_providers_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  provider text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  email text,
  is_email_proven boolean NOT NULL DEFAULT false,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  last_used_at timestamptz(3),
  CONSTRAINT user_auth_providers_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT user_auth_providers_issuer_subject_key UNIQUE (issuer, subject),
  CONSTRAINT user_auth_providers_issuer_check CHECK (char_length(issuer) BETWEEN 1 AND 300),
  CONSTRAINT user_auth_providers_subject_check CHECK (char_length(subject) BETWEEN 1 AND 255)
);
