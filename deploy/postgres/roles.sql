-- Makes the two roles and the database that Docket uses on a PostgreSQL of your own. Run it once, with
-- psql, as a superuser or as a role that may create roles and databases; running it again sets the
-- passwords anew and changes nothing else.
--
--   psql -v owner_password=… -v app_password=… -f deploy/postgres/roles.sql "host=… user=postgres"
--
-- Then:
--   DATABASE_MIGRATION_URL=postgresql://docket_owner:…@host/docket   applies migrations
--   DATABASE_URL=postgresql://docket_app:…@host/docket               serves requests
\set ON_ERROR_STOP on

SELECT 'CREATE ROLE docket_owner LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'docket_owner') \gexec
SELECT 'CREATE ROLE docket_app LOGIN'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'docket_app') \gexec

ALTER ROLE docket_owner PASSWORD :'owner_password';
ALTER ROLE docket_app PASSWORD :'app_password';

-- Only members may give a database to a role; a superuser needs no membership.
SELECT 'GRANT docket_owner TO CURRENT_USER'
WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) \gexec
SELECT 'CREATE DATABASE docket OWNER docket_owner ENCODING ''UTF8'' TEMPLATE template0'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'docket') \gexec

REVOKE CONNECT, TEMPORARY ON DATABASE docket FROM PUBLIC;
GRANT CONNECT ON DATABASE docket TO docket_app;

-- Docket sets these in each session; behind a transaction pooler that reaches some sessions only.
ALTER ROLE docket_app IN DATABASE docket SET statement_timeout = '10s';
ALTER ROLE docket_app IN DATABASE docket SET idle_in_transaction_session_timeout = '60s';
