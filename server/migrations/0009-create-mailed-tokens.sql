ALTER TABLE users
  ADD COLUMN theme text NOT NULL DEFAULT 'system',
  -- IANA name; NULL: that of the device.
  ADD COLUMN time_zone text,
  -- Mail that is not about the security of the account.
  ADD COLUMN email_notices boolean NOT NULL DEFAULT true,
  -- The address that is to replace the present one, once its owner has confirmed it.
  ADD COLUMN pending_email text,
  ADD COLUMN pending_email_at timestamptz(3),
  -- Raised by every change that people see; a sign-in is none.
  ADD COLUMN version integer NOT NULL DEFAULT 1,
  ADD CONSTRAINT users_theme_check CHECK (theme IN ('system', 'light', 'dark')),
  ADD CONSTRAINT users_pending_email_check
    CHECK ((pending_email IS NULL) = (pending_email_at IS NULL));

CREATE FUNCTION raise_user_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;

CREATE TRIGGER users_raise_version BEFORE UPDATE ON users FOR EACH ROW
WHEN ((OLD.email, OLD.name, OLD.status, OLD.email_verified_at, OLD.avatar_url, OLD.theme,
    OLD.time_zone, OLD.email_notices, OLD.pending_email, OLD.auth_version, OLD.deleted_at)
  IS DISTINCT FROM (NEW.email, NEW.name, NEW.status, NEW.email_verified_at, NEW.avatar_url, NEW.theme,
    NEW.time_zone, NEW.email_notices, NEW.pending_email, NEW.auth_version, NEW.deleted_at))
EXECUTE FUNCTION raise_user_version();

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

-- How many accounts there are in each state: one row, which costs the same for a hundred accounts and
-- for a hundred thousand.
CREATE TABLE user_counts (
  is_only boolean DEFAULT true CONSTRAINT user_counts_pkey PRIMARY KEY,
  unverified bigint NOT NULL DEFAULT 0,
  active bigint NOT NULL DEFAULT 0,
  disabled bigint NOT NULL DEFAULT 0,
  deleted bigint NOT NULL DEFAULT 0,
  CONSTRAINT user_counts_is_only_check CHECK (is_only)
  -- Room for the next version of the row on the same page.
) WITH (fillfactor = 50);

INSERT INTO user_counts (unverified, active, disabled, deleted)
SELECT count(*) FILTER (WHERE deleted_at IS NULL AND status = 'unverified'),
  count(*) FILTER (WHERE deleted_at IS NULL AND status = 'active'),
  count(*) FILTER (WHERE deleted_at IS NULL AND status = 'disabled'),
  count(*) FILTER (WHERE deleted_at IS NOT NULL)
FROM users;

-- Most changes of accounts leave their states alone; they must not wait for the counts.
CREATE FUNCTION add_to_user_counts(add_unverified bigint, add_active bigint, add_disabled bigint,
  add_deleted bigint) RETURNS void LANGUAGE sql AS $$
  UPDATE user_counts SET unverified = unverified + add_unverified, active = active + add_active,
    disabled = disabled + add_disabled, deleted = deleted + add_deleted
  WHERE (add_unverified, add_active, add_disabled, add_deleted) <> (0, 0, 0, 0)
$$;

CREATE FUNCTION count_inserted_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_to_user_counts(
    count(*) FILTER (WHERE deleted_at IS NULL AND status = 'unverified'),
    count(*) FILTER (WHERE deleted_at IS NULL AND status = 'active'),
    count(*) FILTER (WHERE deleted_at IS NULL AND status = 'disabled'),
    count(*) FILTER (WHERE deleted_at IS NOT NULL))
  FROM new_users;
  RETURN NULL;
END $$;

CREATE FUNCTION count_updated_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_to_user_counts(
    coalesce(sum(sign) FILTER (WHERE deleted_at IS NULL AND status = 'unverified'), 0),
    coalesce(sum(sign) FILTER (WHERE deleted_at IS NULL AND status = 'active'), 0),
    coalesce(sum(sign) FILTER (WHERE deleted_at IS NULL AND status = 'disabled'), 0),
    coalesce(sum(sign) FILTER (WHERE deleted_at IS NOT NULL), 0))
  FROM (
    SELECT status, deleted_at, 1 AS sign FROM new_users
    UNION ALL
    SELECT status, deleted_at, -1 FROM old_users
  ) AS versions;
  RETURN NULL;
END $$;

CREATE FUNCTION count_deleted_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_to_user_counts(
    -count(*) FILTER (WHERE deleted_at IS NULL AND status = 'unverified'),
    -count(*) FILTER (WHERE deleted_at IS NULL AND status = 'active'),
    -count(*) FILTER (WHERE deleted_at IS NULL AND status = 'disabled'),
    -count(*) FILTER (WHERE deleted_at IS NOT NULL))
  FROM old_users;
  RETURN NULL;
END $$;

CREATE TRIGGER users_count_inserted AFTER INSERT ON users
  REFERENCING NEW TABLE AS new_users
  FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_users();
CREATE TRIGGER users_count_updated AFTER UPDATE ON users
  REFERENCING OLD TABLE AS old_users NEW TABLE AS new_users
  FOR EACH STATEMENT EXECUTE FUNCTION count_updated_users();
CREATE TRIGGER users_count_deleted AFTER DELETE ON users
  REFERENCING OLD TABLE AS old_users
  FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_users();

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
