DROP TABLE user_auth_providers;

DROP INDEX users_search_idx;
CREATE INDEX users_search_idx ON users USING gin
  (lower((email || E'\n' || coalesce(name, '')) COLLATE natural_order) gin_trgm_ops)
  WHERE deleted_at IS NULL;
DROP INDEX users_email_idx;
CREATE INDEX users_email_idx ON users (email_canonical, id) WHERE deleted_at IS NULL;

-- An address that reaches nobody (RFC 2606) stands in where there is none.
UPDATE users SET email = id || '@nobody.invalid', email_canonical = id || '@nobody.invalid'
WHERE email IS NULL;
ALTER TABLE users
  DROP CONSTRAINT users_email_check,
  ALTER COLUMN email SET NOT NULL,
  ALTER COLUMN email_canonical SET NOT NULL;
