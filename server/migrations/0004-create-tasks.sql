CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- As people sort titles, in any language: capitals beside small letters, accents beside their base
-- letters, and "Task 2" before "Task 10". The same on every server, whatever its own locale.
CREATE COLLATION natural_order (provider = icu, locale = 'und-u-kn-true');

CREATE TABLE tasks (
  user_id uuid NOT NULL
    CONSTRAINT tasks_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  id bigint NOT NULL,
  title text NOT NULL,
  description text,
  status text NOT NULL DEFAULT 'pending',
  is_open boolean NOT NULL GENERATED ALWAYS AS (status <> 'completed') STORED,
  completed_at timestamptz(3),
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  deleted_at timestamptz(3),
  CONSTRAINT tasks_pkey PRIMARY KEY (user_id, id),
  -- Below 2^53, so that every JSON parser reads an id exactly.
  CONSTRAINT tasks_id_check CHECK (id > 0 AND id < 9007199254740992),
  CONSTRAINT tasks_title_check CHECK (char_length(title) BETWEEN 1 AND 2000),
  CONSTRAINT tasks_description_check CHECK (char_length(description) <= 2000),
  CONSTRAINT tasks_status_check CHECK (status IN ('pending', 'in_progress', 'completed')),
  CONSTRAINT tasks_completed_at_check CHECK ((completed_at IS NOT NULL) = (status = 'completed'))
);

-- Pages of one person's tasks. Any list is either in the default order, which has an index of its
-- own, or a merge of one ordered scan for each status that it wants (union all of limited
-- subqueries), so that three more serve every sort with every filter, at any depth. An index for
-- each combination would double the cost of a write. The trash mirrors the four; they cost nothing
-- while a task is not in it.
-- Titles sort by their first 200 characters, since an index entry has to fit a third of a page.
CREATE INDEX tasks_default_order_idx ON tasks
  (user_id, is_open, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_status_created_at_idx ON tasks
  (user_id, status, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_status_updated_at_idx ON tasks
  (user_id, status, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX tasks_status_title_idx ON tasks
  (user_id, status, (left(title, 200)) COLLATE natural_order, id) WHERE deleted_at IS NULL;

CREATE INDEX tasks_trash_default_order_idx ON tasks
  (user_id, is_open, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_trash_status_created_at_idx ON tasks
  (user_id, status, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_trash_status_updated_at_idx ON tasks
  (user_id, status, updated_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX tasks_trash_status_title_idx ON tasks
  (user_id, status, (left(title, 200)) COLLATE natural_order, id) WHERE deleted_at IS NOT NULL;

-- For purging.
CREATE INDEX tasks_deleted_at_idx ON tasks (deleted_at) WHERE deleted_at IS NOT NULL;

-- Words anywhere in title or description. A search writes the same expression. New entries gather
-- in a list, which makes a write two to four times as fast; it is kept short, since every search
-- reads it and one write in many has to sort it in.
CREATE INDEX tasks_search_idx ON tasks USING gin
  (user_id, lower((title || E'\n' || coalesce(description, '')) COLLATE natural_order) gin_trgm_ops)
  WITH (gin_pending_list_limit = 1024);
