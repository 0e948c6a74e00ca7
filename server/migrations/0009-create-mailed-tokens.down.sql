DROP TABLE setup_tokens;
DROP TABLE mailed_tokens;
ALTER TABLE users
  DROP COLUMN pending_email_at,
  DROP COLUMN pending_email,
  DROP COLUMN email_notices,
  DROP COLUMN time_zone,
  DROP COLUMN theme;
