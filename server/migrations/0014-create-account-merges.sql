-- Somebody had two accounts, and one went into the other: what is needed to take that back for as long
-- as the account that went can be restored.
CREATE TABLE account_merges (
  -- The account that stays.
  user_id uuid NOT NULL
    CONSTRAINT account_merges_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  id uuid NOT NULL,
  -- The one that was deleted by it, at `created_at`.
  merged_user_id uuid NOT NULL
    CONSTRAINT account_merges_merged_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  -- How many came, those in the trash too.
  task_count integer NOT NULL DEFAULT 0,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  undone_at timestamptz(3),
  CONSTRAINT account_merges_pkey PRIMARY KEY (user_id, id),
  CONSTRAINT account_merges_check CHECK (user_id <> merged_user_id)
);

CREATE INDEX account_merges_merged_user_id_idx ON account_merges (merged_user_id);
-- For purging.
CREATE INDEX account_merges_created_at_idx ON account_merges (created_at);

-- Nothing refers to `tasks`: a task that came may go on into a third account, and come back.
CREATE TABLE account_merge_tasks (
  user_id uuid NOT NULL,
  merge_id uuid NOT NULL,
  original_id bigint NOT NULL,
  -- The same, unless the account that stays had a task with it.
  task_id bigint NOT NULL,
  -- Tells the task from another one that has got its id since it was purged.
  task_created_at timestamptz(3) NOT NULL,
  CONSTRAINT account_merge_tasks_pkey PRIMARY KEY (user_id, merge_id, original_id),
  CONSTRAINT account_merge_tasks_merge_fkey FOREIGN KEY (user_id, merge_id)
    REFERENCES account_merges (user_id, id) ON DELETE CASCADE
);

CREATE TABLE account_merge_identities (
  user_id uuid NOT NULL,
  merge_id uuid NOT NULL,
  identity_id uuid NOT NULL,
  CONSTRAINT account_merge_identities_pkey PRIMARY KEY (user_id, merge_id, identity_id),
  CONSTRAINT account_merge_identities_merge_fkey FOREIGN KEY (user_id, merge_id)
    REFERENCES account_merges (user_id, id) ON DELETE CASCADE
);

-- Somebody has shown that another account is theirs too. That changes nothing until they say so.
CREATE TABLE merge_offers (
  user_id uuid NOT NULL,
  token_hash bytea NOT NULL,
  -- The only one in which it is good.
  session_id uuid NOT NULL,
  merged_user_id uuid NOT NULL
    CONSTRAINT merge_offers_merged_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  -- A change of the other account voids the offer.
  merged_auth_version integer NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  used_at timestamptz(3),
  CONSTRAINT merge_offers_pkey PRIMARY KEY (user_id, token_hash),
  CONSTRAINT merge_offers_session_fkey FOREIGN KEY (user_id, session_id)
    REFERENCES sessions (user_id, id) ON DELETE CASCADE,
  CONSTRAINT merge_offers_check CHECK (user_id <> merged_user_id)
);

CREATE INDEX merge_offers_session_idx ON merge_offers (user_id, session_id);
CREATE INDEX merge_offers_merged_user_id_idx ON merge_offers (merged_user_id);
CREATE INDEX merge_offers_expires_at_idx ON merge_offers (expires_at);
