DROP TABLE setup_tokens;
DROP TABLE mailed_tokens;
DROP TRIGGER users_count_inserted ON users;
DROP TRIGGER users_count_updated ON users;
DROP TRIGGER users_count_deleted ON users;
DROP FUNCTION count_inserted_users();
DROP FUNCTION count_updated_users();
DROP FUNCTION count_deleted_users();
DROP FUNCTION add_to_user_counts(bigint, bigint, bigint, bigint);
DROP TABLE user_counts;
DROP INDEX users_search_idx;
DROP INDEX users_last_login_at_idx;
DROP INDEX users_name_idx;
DROP INDEX users_email_idx;
DROP INDEX users_created_at_idx;
DROP TRIGGER users_raise_version ON users;
DROP FUNCTION raise_user_version();
ALTER TABLE users
  DROP COLUMN version,
  DROP COLUMN pending_email_at,
  DROP COLUMN pending_email,
  DROP COLUMN email_notices,
  DROP COLUMN time_zone,
  DROP COLUMN theme;
