-- The schema after all migrations, generated from the catalogs. Do not edit.

EXTENSION btree_gin;
EXTENSION pg_trgm;

COLLATION natural_order provider=i deterministic=t;

TABLE account_merge_identities (
  user_id uuid NOT NULL,
  merge_id uuid NOT NULL,
  identity_id uuid NOT NULL
);
TABLE account_merge_tasks (
  user_id uuid NOT NULL,
  merge_id uuid NOT NULL,
  original_id bigint NOT NULL,
  task_id bigint NOT NULL,
  task_created_at timestamp(3) with time zone NOT NULL
);
TABLE account_merges (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  merged_user_id uuid NOT NULL,
  task_count integer NOT NULL DEFAULT 0,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  undone_at timestamp(3) with time zone
);
TABLE api_tokens (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  token_hash bytea NOT NULL,
  hint text NOT NULL,
  scopes text[] NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  expires_at timestamp(3) with time zone,
  last_used_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone
);
TABLE audit_checkpoints (
  position bigint NOT NULL,
  hash bytea NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  signature bytea NOT NULL
);
TABLE audit_events (
  position bigint NOT NULL,
  occurred_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  actor_kind text NOT NULL,
  actor_id uuid,
  api_token_id uuid,
  action text NOT NULL,
  target_kind text NOT NULL,
  target_id text,
  user_id uuid,
  request_id uuid,
  changes jsonb NOT NULL DEFAULT '{}'::jsonb,
  origin_digest bytea,
  subject_digest bytea,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL
);
TABLE audit_personal (
  position bigint NOT NULL,
  part text NOT NULL,
  user_id uuid,
  salt bytea NOT NULL,
  data jsonb NOT NULL
);
TABLE idempotency_records (
  user_id uuid NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  status integer NOT NULL,
  body text NOT NULL,
  headers jsonb NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
TABLE mailed_tokens (
  user_id uuid NOT NULL,
  purpose text NOT NULL,
  token_hash bytea NOT NULL,
  email_canonical text NOT NULL,
  auth_version integer NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  expires_at timestamp(3) with time zone NOT NULL,
  used_at timestamp(3) with time zone
);
TABLE merge_offers (
  user_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  session_id uuid NOT NULL,
  merged_user_id uuid NOT NULL,
  merged_auth_version integer NOT NULL,
  expires_at timestamp(3) with time zone NOT NULL,
  used_at timestamp(3) with time zone
);
TABLE permissions (
  name text NOT NULL,
  description text NOT NULL
);
TABLE provider_flows (
  state_hash bytea NOT NULL,
  browser_hash bytea NOT NULL,
  provider text NOT NULL,
  user_id uuid,
  session_id uuid,
  is_remembered boolean NOT NULL DEFAULT false,
  return_to text NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  expires_at timestamp(3) with time zone NOT NULL
);
TABLE rate_buckets WITH (fillfactor=70) (
  rule text NOT NULL,
  key text NOT NULL,
  full_at_us bigint NOT NULL
);
TABLE role_permissions (
  role_name text NOT NULL,
  permission_name text NOT NULL
);
TABLE roles (
  name text NOT NULL,
  description text NOT NULL DEFAULT ''::text,
  is_builtin boolean NOT NULL DEFAULT false,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  updated_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
TABLE schema_migrations (
  version integer NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
TABLE sessions (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  refresh_counter integer NOT NULL DEFAULT 0,
  rotated_at timestamp(3) with time zone,
  is_remembered boolean NOT NULL DEFAULT false,
  user_agent text,
  address inet,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  last_used_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  idle_expires_at timestamp(3) with time zone NOT NULL,
  absolute_expires_at timestamp(3) with time zone NOT NULL,
  authenticated_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  ended_at timestamp(3) with time zone,
  end_reason text
);
TABLE setup_tokens (
  token_hash bytea NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
TABLE signing_keys (
  kid text NOT NULL,
  algorithm text NOT NULL,
  public_jwk jsonb NOT NULL,
  private_key_encrypted bytea NOT NULL,
  active_from timestamp(3) with time zone NOT NULL,
  retires_at timestamp(3) with time zone NOT NULL,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
TABLE task_counts WITH (fillfactor=50) (
  user_id uuid NOT NULL,
  pending bigint NOT NULL DEFAULT 0,
  in_progress bigint NOT NULL DEFAULT 0,
  completed bigint NOT NULL DEFAULT 0,
  trashed bigint NOT NULL DEFAULT 0
);
TABLE tasks (
  user_id uuid NOT NULL,
  id bigint NOT NULL,
  title text NOT NULL,
  description text,
  status text NOT NULL DEFAULT 'pending'::text,
  is_open boolean NOT NULL GENERATED ALWAYS AS ((status <> 'completed'::text)) STORED,
  completed_at timestamp(3) with time zone,
  version integer NOT NULL DEFAULT 1,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  updated_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp(3) with time zone
);
TABLE user_auth_providers (
  user_id uuid NOT NULL,
  id uuid NOT NULL,
  provider text NOT NULL,
  issuer text NOT NULL,
  subject text NOT NULL,
  email text,
  is_email_proven boolean NOT NULL DEFAULT false,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  last_used_at timestamp(3) with time zone
);
TABLE user_counts WITH (fillfactor=50) (
  is_only boolean NOT NULL DEFAULT true,
  unverified bigint NOT NULL DEFAULT 0,
  active bigint NOT NULL DEFAULT 0,
  disabled bigint NOT NULL DEFAULT 0,
  deleted bigint NOT NULL DEFAULT 0
);
TABLE user_roles (
  user_id uuid NOT NULL,
  role_name text NOT NULL,
  granted_at timestamp(3) with time zone NOT NULL DEFAULT now()
);
TABLE users (
  id uuid NOT NULL,
  email text,
  email_canonical text,
  name text,
  password_hash text,
  status text NOT NULL DEFAULT 'unverified'::text,
  email_verified_at timestamp(3) with time zone,
  avatar_url text,
  last_login_at timestamp(3) with time zone,
  auth_version integer NOT NULL DEFAULT 1,
  created_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  updated_at timestamp(3) with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp(3) with time zone,
  theme text NOT NULL DEFAULT 'system'::text,
  time_zone text,
  email_notices boolean NOT NULL DEFAULT true,
  pending_email text,
  pending_email_at timestamp(3) with time zone,
  version integer NOT NULL DEFAULT 1
);

CONSTRAINT account_merge_identities_merge_fkey ON account_merge_identities FOREIGN KEY (user_id, merge_id) REFERENCES account_merges(user_id, id) ON DELETE CASCADE;
CONSTRAINT account_merge_identities_pkey ON account_merge_identities PRIMARY KEY (user_id, merge_id, identity_id);
CONSTRAINT account_merge_tasks_merge_fkey ON account_merge_tasks FOREIGN KEY (user_id, merge_id) REFERENCES account_merges(user_id, id) ON DELETE CASCADE;
CONSTRAINT account_merge_tasks_pkey ON account_merge_tasks PRIMARY KEY (user_id, merge_id, original_id);
CONSTRAINT account_merges_check ON account_merges CHECK ((user_id <> merged_user_id));
CONSTRAINT account_merges_merged_user_id_fkey ON account_merges FOREIGN KEY (merged_user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT account_merges_pkey ON account_merges PRIMARY KEY (user_id, id);
CONSTRAINT account_merges_user_id_fkey ON account_merges FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT api_tokens_name_check ON api_tokens CHECK (((char_length(name) >= 1) AND (char_length(name) <= 100)));
CONSTRAINT api_tokens_pkey ON api_tokens PRIMARY KEY (user_id, id);
CONSTRAINT api_tokens_token_hash_key ON api_tokens UNIQUE (token_hash);
CONSTRAINT api_tokens_user_id_fkey ON api_tokens FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT audit_checkpoints_pkey ON audit_checkpoints PRIMARY KEY ("position");
CONSTRAINT audit_events_action_check ON audit_events CHECK ((action ~ '^[a-z_]+\.[a-z_]+$'::text));
CONSTRAINT audit_events_actor_kind_check ON audit_events CHECK ((actor_kind = ANY (ARRAY['user'::text, 'api_token'::text, 'foreign'::text, 'operator'::text, 'system'::text, 'anonymous'::text])));
CONSTRAINT audit_events_pkey ON audit_events PRIMARY KEY ("position");
CONSTRAINT audit_events_previous_hash_key ON audit_events UNIQUE (previous_hash);
CONSTRAINT audit_personal_part_check ON audit_personal CHECK ((part = ANY (ARRAY['origin'::text, 'subject'::text])));
CONSTRAINT audit_personal_pkey ON audit_personal PRIMARY KEY ("position", part);
CONSTRAINT audit_personal_position_fkey ON audit_personal FOREIGN KEY ("position") REFERENCES audit_events("position");
CONSTRAINT idempotency_records_pkey ON idempotency_records PRIMARY KEY (user_id, method, path, key);
CONSTRAINT idempotency_records_user_id_fkey ON idempotency_records FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT mailed_tokens_pkey ON mailed_tokens PRIMARY KEY (user_id, purpose, token_hash);
CONSTRAINT mailed_tokens_purpose_check ON mailed_tokens CHECK ((purpose = ANY (ARRAY['verify'::text, 'reset'::text, 'change_email'::text])));
CONSTRAINT mailed_tokens_token_hash_key ON mailed_tokens UNIQUE (token_hash);
CONSTRAINT mailed_tokens_user_id_fkey ON mailed_tokens FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT merge_offers_check ON merge_offers CHECK ((user_id <> merged_user_id));
CONSTRAINT merge_offers_merged_user_id_fkey ON merge_offers FOREIGN KEY (merged_user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT merge_offers_pkey ON merge_offers PRIMARY KEY (user_id, token_hash);
CONSTRAINT merge_offers_session_fkey ON merge_offers FOREIGN KEY (user_id, session_id) REFERENCES sessions(user_id, id) ON DELETE CASCADE;
CONSTRAINT permissions_name_check ON permissions CHECK ((name ~ '^[a-z_]+:[a-z_]+$'::text));
CONSTRAINT permissions_pkey ON permissions PRIMARY KEY (name);
CONSTRAINT provider_flows_link_check ON provider_flows CHECK (((user_id IS NULL) = (session_id IS NULL)));
CONSTRAINT provider_flows_pkey ON provider_flows PRIMARY KEY (state_hash);
CONSTRAINT provider_flows_session_fkey ON provider_flows FOREIGN KEY (user_id, session_id) REFERENCES sessions(user_id, id) ON DELETE CASCADE;
CONSTRAINT rate_buckets_pkey ON rate_buckets PRIMARY KEY (rule, key);
CONSTRAINT role_permissions_permission_name_fkey ON role_permissions FOREIGN KEY (permission_name) REFERENCES permissions(name) ON DELETE CASCADE;
CONSTRAINT role_permissions_pkey ON role_permissions PRIMARY KEY (role_name, permission_name);
CONSTRAINT role_permissions_role_name_fkey ON role_permissions FOREIGN KEY (role_name) REFERENCES roles(name) ON DELETE CASCADE;
CONSTRAINT roles_description_check ON roles CHECK ((char_length(description) <= 500));
CONSTRAINT roles_name_check ON roles CHECK ((name ~ '^[a-z][a-z0-9-]{0,49}$'::text));
CONSTRAINT roles_pkey ON roles PRIMARY KEY (name);
CONSTRAINT schema_migrations_pkey ON schema_migrations PRIMARY KEY (version);
CONSTRAINT sessions_end_reason_check ON sessions CHECK ((end_reason = ANY (ARRAY['logout'::text, 'reuse'::text, 'expired'::text, 'revoked'::text, 'password'::text, 'admin'::text])));
CONSTRAINT sessions_ended_check ON sessions CHECK (((ended_at IS NULL) = (end_reason IS NULL)));
CONSTRAINT sessions_pkey ON sessions PRIMARY KEY (user_id, id);
CONSTRAINT sessions_user_agent_check ON sessions CHECK ((char_length(user_agent) <= 512));
CONSTRAINT sessions_user_id_fkey ON sessions FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT setup_tokens_pkey ON setup_tokens PRIMARY KEY (token_hash);
CONSTRAINT signing_keys_algorithm_check ON signing_keys CHECK ((algorithm = 'ES256'::text));
CONSTRAINT signing_keys_pkey ON signing_keys PRIMARY KEY (kid);
CONSTRAINT task_counts_pkey ON task_counts PRIMARY KEY (user_id);
CONSTRAINT task_counts_user_id_fkey ON task_counts FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT tasks_completed_at_check ON tasks CHECK (((completed_at IS NOT NULL) = (status = 'completed'::text)));
CONSTRAINT tasks_description_check ON tasks CHECK ((char_length(description) <= 2000));
CONSTRAINT tasks_id_check ON tasks CHECK (((id > 0) AND (id < '9007199254740992'::bigint)));
CONSTRAINT tasks_pkey ON tasks PRIMARY KEY (user_id, id);
CONSTRAINT tasks_status_check ON tasks CHECK ((status = ANY (ARRAY['pending'::text, 'in_progress'::text, 'completed'::text])));
CONSTRAINT tasks_title_check ON tasks CHECK (((char_length(title) >= 1) AND (char_length(title) <= 2000)));
CONSTRAINT tasks_user_id_fkey ON tasks FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT user_auth_providers_issuer_check ON user_auth_providers CHECK (((char_length(issuer) >= 1) AND (char_length(issuer) <= 300)));
CONSTRAINT user_auth_providers_issuer_subject_key ON user_auth_providers UNIQUE (issuer, subject);
CONSTRAINT user_auth_providers_pkey ON user_auth_providers PRIMARY KEY (user_id, id);
CONSTRAINT user_auth_providers_subject_check ON user_auth_providers CHECK (((char_length(subject) >= 1) AND (char_length(subject) <= 255)));
CONSTRAINT user_auth_providers_user_id_fkey ON user_auth_providers FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT user_counts_is_only_check ON user_counts CHECK (is_only);
CONSTRAINT user_counts_pkey ON user_counts PRIMARY KEY (is_only);
CONSTRAINT user_roles_pkey ON user_roles PRIMARY KEY (user_id, role_name);
CONSTRAINT user_roles_role_name_fkey ON user_roles FOREIGN KEY (role_name) REFERENCES roles(name) ON DELETE CASCADE;
CONSTRAINT user_roles_user_id_fkey ON user_roles FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE;
CONSTRAINT users_email_check ON users CHECK (((email IS NULL) = (email_canonical IS NULL)));
CONSTRAINT users_pending_email_check ON users CHECK (((pending_email IS NULL) = (pending_email_at IS NULL)));
CONSTRAINT users_pkey ON users PRIMARY KEY (id);
CONSTRAINT users_status_check ON users CHECK ((status = ANY (ARRAY['unverified'::text, 'active'::text, 'disabled'::text])));
CONSTRAINT users_theme_check ON users CHECK ((theme = ANY (ARRAY['system'::text, 'light'::text, 'dark'::text])));

CREATE UNIQUE INDEX account_merge_identities_pkey ON public.account_merge_identities USING btree (user_id, merge_id, identity_id);
CREATE UNIQUE INDEX account_merge_tasks_pkey ON public.account_merge_tasks USING btree (user_id, merge_id, original_id);
CREATE INDEX account_merges_created_at_idx ON public.account_merges USING btree (created_at);
CREATE INDEX account_merges_merged_user_id_idx ON public.account_merges USING btree (merged_user_id);
CREATE UNIQUE INDEX account_merges_pkey ON public.account_merges USING btree (user_id, id);
CREATE UNIQUE INDEX api_tokens_pkey ON public.api_tokens USING btree (user_id, id);
CREATE UNIQUE INDEX api_tokens_token_hash_key ON public.api_tokens USING btree (token_hash);
CREATE UNIQUE INDEX audit_checkpoints_pkey ON public.audit_checkpoints USING btree ("position");
CREATE INDEX audit_events_action_idx ON public.audit_events USING btree (action, "position");
CREATE INDEX audit_events_actor_id_idx ON public.audit_events USING btree (actor_id, "position");
CREATE INDEX audit_events_actor_kind_idx ON public.audit_events USING btree (actor_kind, "position") WHERE (actor_id IS NULL);
CREATE INDEX audit_events_occurred_at_idx ON public.audit_events USING btree (occurred_at, "position");
CREATE UNIQUE INDEX audit_events_pkey ON public.audit_events USING btree ("position");
CREATE UNIQUE INDEX audit_events_previous_hash_key ON public.audit_events USING btree (previous_hash);
CREATE INDEX audit_events_target_id_idx ON public.audit_events USING btree (target_id, "position");
CREATE INDEX audit_events_user_id_idx ON public.audit_events USING btree (user_id, "position");
CREATE UNIQUE INDEX audit_personal_pkey ON public.audit_personal USING btree ("position", part);
CREATE INDEX audit_personal_user_id_idx ON public.audit_personal USING btree (user_id);
CREATE INDEX idempotency_records_created_at_idx ON public.idempotency_records USING btree (created_at);
CREATE UNIQUE INDEX idempotency_records_pkey ON public.idempotency_records USING btree (user_id, method, path, key);
CREATE INDEX mailed_tokens_expires_at_idx ON public.mailed_tokens USING btree (expires_at);
CREATE UNIQUE INDEX mailed_tokens_pkey ON public.mailed_tokens USING btree (user_id, purpose, token_hash);
CREATE UNIQUE INDEX mailed_tokens_token_hash_key ON public.mailed_tokens USING btree (token_hash);
CREATE INDEX merge_offers_expires_at_idx ON public.merge_offers USING btree (expires_at);
CREATE INDEX merge_offers_merged_user_id_idx ON public.merge_offers USING btree (merged_user_id);
CREATE UNIQUE INDEX merge_offers_pkey ON public.merge_offers USING btree (user_id, token_hash);
CREATE INDEX merge_offers_session_idx ON public.merge_offers USING btree (user_id, session_id);
CREATE UNIQUE INDEX permissions_pkey ON public.permissions USING btree (name);
CREATE INDEX provider_flows_expires_at_idx ON public.provider_flows USING btree (expires_at);
CREATE UNIQUE INDEX provider_flows_pkey ON public.provider_flows USING btree (state_hash);
CREATE INDEX provider_flows_session_idx ON public.provider_flows USING btree (user_id, session_id) WHERE (user_id IS NOT NULL);
CREATE INDEX rate_buckets_full_at_us_idx ON public.rate_buckets USING btree (full_at_us);
CREATE UNIQUE INDEX rate_buckets_pkey ON public.rate_buckets USING btree (rule, key);
CREATE UNIQUE INDEX role_permissions_pkey ON public.role_permissions USING btree (role_name, permission_name);
CREATE UNIQUE INDEX roles_pkey ON public.roles USING btree (name);
CREATE UNIQUE INDEX schema_migrations_pkey ON public.schema_migrations USING btree (version);
CREATE INDEX sessions_ended_at_idx ON public.sessions USING btree (ended_at) WHERE (ended_at IS NOT NULL);
CREATE INDEX sessions_idle_expires_at_idx ON public.sessions USING btree (idle_expires_at);
CREATE UNIQUE INDEX sessions_pkey ON public.sessions USING btree (user_id, id);
CREATE UNIQUE INDEX setup_tokens_pkey ON public.setup_tokens USING btree (token_hash);
CREATE UNIQUE INDEX signing_keys_pkey ON public.signing_keys USING btree (kid);
CREATE UNIQUE INDEX task_counts_pkey ON public.task_counts USING btree (user_id);
CREATE INDEX tasks_default_order_idx ON public.tasks USING btree (user_id, is_open, created_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX tasks_deleted_at_idx ON public.tasks USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE UNIQUE INDEX tasks_pkey ON public.tasks USING btree (user_id, id);
CREATE INDEX tasks_search_idx ON public.tasks USING gin (user_id, lower((((title || '
'::text) || COALESCE(description, ''::text)) COLLATE natural_order)) gin_trgm_ops) WITH (gin_pending_list_limit='1024');
CREATE INDEX tasks_status_created_at_idx ON public.tasks USING btree (user_id, status, created_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX tasks_status_title_idx ON public.tasks USING btree (user_id, status, "left"(title, 200) COLLATE natural_order, id) WHERE (deleted_at IS NULL);
CREATE INDEX tasks_status_updated_at_idx ON public.tasks USING btree (user_id, status, updated_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX tasks_trash_default_order_idx ON public.tasks USING btree (user_id, is_open, created_at, id) WHERE (deleted_at IS NOT NULL);
CREATE INDEX tasks_trash_status_created_at_idx ON public.tasks USING btree (user_id, status, created_at, id) WHERE (deleted_at IS NOT NULL);
CREATE INDEX tasks_trash_status_title_idx ON public.tasks USING btree (user_id, status, "left"(title, 200) COLLATE natural_order, id) WHERE (deleted_at IS NOT NULL);
CREATE INDEX tasks_trash_status_updated_at_idx ON public.tasks USING btree (user_id, status, updated_at, id) WHERE (deleted_at IS NOT NULL);
CREATE UNIQUE INDEX user_auth_providers_issuer_subject_key ON public.user_auth_providers USING btree (issuer, subject);
CREATE UNIQUE INDEX user_auth_providers_pkey ON public.user_auth_providers USING btree (user_id, id);
CREATE UNIQUE INDEX user_counts_pkey ON public.user_counts USING btree (is_only);
CREATE UNIQUE INDEX user_roles_pkey ON public.user_roles USING btree (user_id, role_name);
CREATE INDEX user_roles_role_name_idx ON public.user_roles USING btree (role_name);
CREATE INDEX users_created_at_idx ON public.users USING btree (created_at, id) WHERE (deleted_at IS NULL);
CREATE INDEX users_deleted_at_idx ON public.users USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE UNIQUE INDEX users_email_canonical_key ON public.users USING btree (email_canonical) WHERE (deleted_at IS NULL);
CREATE INDEX users_email_idx ON public.users USING btree (COALESCE(email_canonical, ''::text), id) WHERE (deleted_at IS NULL);
CREATE INDEX users_last_login_at_idx ON public.users USING btree (COALESCE(last_login_at, '-infinity'::timestamp with time zone), id) WHERE (deleted_at IS NULL);
CREATE INDEX users_name_idx ON public.users USING btree (COALESCE(name, ''::text) COLLATE natural_order, id) WHERE (deleted_at IS NULL);
CREATE UNIQUE INDEX users_pkey ON public.users USING btree (id);
CREATE INDEX users_search_idx ON public.users USING gin (lower((((COALESCE(email, ''::text) || '
'::text) || COALESCE(name, ''::text)) COLLATE natural_order)) gin_trgm_ops) WHERE (deleted_at IS NULL);

CREATE OR REPLACE FUNCTION public.add_to_user_counts(add_unverified bigint, add_active bigint, add_disabled bigint, add_deleted bigint)
 RETURNS void
 LANGUAGE sql
AS $function$
  UPDATE user_counts SET unverified = unverified + add_unverified, active = active + add_active,
    disabled = disabled + add_disabled, deleted = deleted + add_deleted
  WHERE (add_unverified, add_active, add_disabled, add_deleted) <> (0, 0, 0, 0)
$function$;
CREATE OR REPLACE FUNCTION public.audit_event_hash(event audit_events)
 RETURNS bytea
 LANGUAGE sql
 STABLE
AS $function$
  SELECT sha256(event.previous_hash || convert_to(jsonb_build_array(
    event.position,
    to_char(event.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    event.actor_kind, event.actor_id, event.api_token_id, event.action,
    event.target_kind, event.target_id, event.user_id, event.request_id, event.changes,
    encode(event.origin_digest, 'hex'), encode(event.subject_digest, 'hex')
  )::text, 'UTF8'))
$function$;
CREATE OR REPLACE FUNCTION public.chain_audit_event()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  last audit_events;
BEGIN
  -- Other levels do not see what was committed while they waited for the lock.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'The audit log is written in read committed only'
      USING ERRCODE = 'invalid_transaction_state';
  END IF;
  PERFORM pg_advisory_xact_lock(1685021547, 1);
  -- A process that stands still before its commit must not keep everybody waiting.
  PERFORM set_config('idle_in_transaction_session_timeout', '5000', true);
  SELECT * INTO last FROM audit_events ORDER BY position DESC LIMIT 1;
  NEW.occurred_at := greatest(date_trunc('milliseconds', clock_timestamp()), last.occurred_at);
  NEW.position := coalesce(last.position, 0) + 1;
  NEW.previous_hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  NEW.hash := audit_event_hash(NEW);
  RETURN NEW;
END
$function$;
CREATE OR REPLACE FUNCTION public.count_deleted_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE change record;
BEGIN
  FOR change IN
    SELECT user_id,
      count(*) FILTER (WHERE deleted_at IS NULL AND status = 'pending') AS pending,
      count(*) FILTER (WHERE deleted_at IS NULL AND status = 'in_progress') AS in_progress,
      count(*) FILTER (WHERE deleted_at IS NULL AND status = 'completed') AS completed,
      count(*) FILTER (WHERE deleted_at IS NOT NULL) AS trashed
    FROM old_tasks GROUP BY user_id ORDER BY user_id
  LOOP
    -- Where the user goes too, the row may be gone already.
    UPDATE task_counts SET
      pending = task_counts.pending - change.pending,
      in_progress = task_counts.in_progress - change.in_progress,
      completed = task_counts.completed - change.completed,
      trashed = task_counts.trashed - change.trashed
    WHERE user_id = change.user_id;
  END LOOP;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.count_deleted_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM add_to_user_counts(
    -count(*) FILTER (WHERE deleted_at IS NULL AND status = 'unverified'),
    -count(*) FILTER (WHERE deleted_at IS NULL AND status = 'active'),
    -count(*) FILTER (WHERE deleted_at IS NULL AND status = 'disabled'),
    -count(*) FILTER (WHERE deleted_at IS NOT NULL))
  FROM old_users;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.count_inserted_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  INSERT INTO task_counts AS counts (user_id, pending, in_progress, completed, trashed)
  SELECT user_id,
    count(*) FILTER (WHERE deleted_at IS NULL AND status = 'pending'),
    count(*) FILTER (WHERE deleted_at IS NULL AND status = 'in_progress'),
    count(*) FILTER (WHERE deleted_at IS NULL AND status = 'completed'),
    count(*) FILTER (WHERE deleted_at IS NOT NULL)
  FROM new_tasks GROUP BY user_id ORDER BY user_id
  ON CONFLICT (user_id) DO UPDATE SET
    pending = counts.pending + excluded.pending,
    in_progress = counts.in_progress + excluded.in_progress,
    completed = counts.completed + excluded.completed,
    trashed = counts.trashed + excluded.trashed;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.count_inserted_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  PERFORM add_to_user_counts(
    count(*) FILTER (WHERE deleted_at IS NULL AND status = 'unverified'),
    count(*) FILTER (WHERE deleted_at IS NULL AND status = 'active'),
    count(*) FILTER (WHERE deleted_at IS NULL AND status = 'disabled'),
    count(*) FILTER (WHERE deleted_at IS NOT NULL))
  FROM new_users;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.count_updated_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE change record;
BEGIN
  FOR change IN
    SELECT user_id,
      sum(sign) FILTER (WHERE deleted_at IS NULL AND status = 'pending') AS pending,
      sum(sign) FILTER (WHERE deleted_at IS NULL AND status = 'in_progress') AS in_progress,
      sum(sign) FILTER (WHERE deleted_at IS NULL AND status = 'completed') AS completed,
      sum(sign) FILTER (WHERE deleted_at IS NOT NULL) AS trashed
    FROM (
      SELECT user_id, status, deleted_at, 1 AS sign FROM new_tasks
      UNION ALL
      SELECT user_id, status, deleted_at, -1 FROM old_tasks
    ) AS versions
    GROUP BY user_id ORDER BY user_id
  LOOP
    -- Most updates leave status and trash alone; they must not wait for the counts.
    CONTINUE WHEN coalesce(change.pending, 0) = 0 AND coalesce(change.in_progress, 0) = 0
      AND coalesce(change.completed, 0) = 0 AND coalesce(change.trashed, 0) = 0;
    UPDATE task_counts SET
      pending = task_counts.pending + coalesce(change.pending, 0),
      in_progress = task_counts.in_progress + coalesce(change.in_progress, 0),
      completed = task_counts.completed + coalesce(change.completed, 0),
      trashed = task_counts.trashed + coalesce(change.trashed, 0)
    WHERE user_id = change.user_id;
  END LOOP;
  RETURN NULL;
END $function$;
CREATE OR REPLACE FUNCTION public.count_updated_users()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;
CREATE OR REPLACE FUNCTION public.raise_user_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $function$;
CREATE OR REPLACE FUNCTION public.refuse_change_of_audit_log()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'The audit log is never changed (% on %)', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$function$;

CREATE TRIGGER audit_checkpoints_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();
CREATE TRIGGER audit_events_chain BEFORE INSERT ON public.audit_events FOR EACH ROW EXECUTE FUNCTION chain_audit_event();
CREATE TRIGGER audit_events_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();
CREATE TRIGGER audit_personal_keep BEFORE UPDATE OR TRUNCATE ON public.audit_personal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_log();
CREATE TRIGGER tasks_count_deleted AFTER DELETE ON public.tasks REFERENCING OLD TABLE AS old_tasks FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_tasks();
CREATE TRIGGER tasks_count_inserted AFTER INSERT ON public.tasks REFERENCING NEW TABLE AS new_tasks FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_tasks();
CREATE TRIGGER tasks_count_updated AFTER UPDATE ON public.tasks REFERENCING OLD TABLE AS old_tasks NEW TABLE AS new_tasks FOR EACH STATEMENT EXECUTE FUNCTION count_updated_tasks();
CREATE TRIGGER users_count_deleted AFTER DELETE ON public.users REFERENCING OLD TABLE AS old_users FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_users();
CREATE TRIGGER users_count_inserted AFTER INSERT ON public.users REFERENCING NEW TABLE AS new_users FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_users();
CREATE TRIGGER users_count_updated AFTER UPDATE ON public.users REFERENCING OLD TABLE AS old_users NEW TABLE AS new_users FOR EACH STATEMENT EXECUTE FUNCTION count_updated_users();
CREATE TRIGGER users_raise_version BEFORE UPDATE ON public.users FOR EACH ROW WHEN ((((((((((((old.email IS DISTINCT FROM new.email) OR (old.name IS DISTINCT FROM new.name)) OR (old.status IS DISTINCT FROM new.status)) OR (old.email_verified_at IS DISTINCT FROM new.email_verified_at)) OR (old.avatar_url IS DISTINCT FROM new.avatar_url)) OR (old.theme IS DISTINCT FROM new.theme)) OR (old.time_zone IS DISTINCT FROM new.time_zone)) OR (old.email_notices IS DISTINCT FROM new.email_notices)) OR (old.pending_email IS DISTINCT FROM new.pending_email)) OR (old.auth_version IS DISTINCT FROM new.auth_version)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION raise_user_version();
