-- Counts by status that cost the same for a hundred tasks and for a hundred thousand.
CREATE TABLE task_counts (
  user_id uuid CONSTRAINT task_counts_pkey PRIMARY KEY
    CONSTRAINT task_counts_user_id_fkey REFERENCES users (id) ON DELETE CASCADE,
  pending bigint NOT NULL DEFAULT 0,
  in_progress bigint NOT NULL DEFAULT 0,
  completed bigint NOT NULL DEFAULT 0,
  trashed bigint NOT NULL DEFAULT 0
  -- Room for the next version of the row on the same page.
) WITH (fillfactor = 50);

INSERT INTO task_counts (user_id, pending, in_progress, completed, trashed)
SELECT user_id,
  count(*) FILTER (WHERE deleted_at IS NULL AND status = 'pending'),
  count(*) FILTER (WHERE deleted_at IS NULL AND status = 'in_progress'),
  count(*) FILTER (WHERE deleted_at IS NULL AND status = 'completed'),
  count(*) FILTER (WHERE deleted_at IS NOT NULL)
FROM tasks GROUP BY user_id;

-- A statement that changes several people's tasks takes their counts in one order, so that two of
-- them never wait for each other.
CREATE FUNCTION count_inserted_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;

CREATE FUNCTION count_updated_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;

CREATE FUNCTION count_deleted_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;

CREATE TRIGGER tasks_count_inserted AFTER INSERT ON tasks
  REFERENCING NEW TABLE AS new_tasks
  FOR EACH STATEMENT EXECUTE FUNCTION count_inserted_tasks();
CREATE TRIGGER tasks_count_updated AFTER UPDATE ON tasks
  REFERENCING OLD TABLE AS old_tasks NEW TABLE AS new_tasks
  FOR EACH STATEMENT EXECUTE FUNCTION count_updated_tasks();
CREATE TRIGGER tasks_count_deleted AFTER DELETE ON tasks
  REFERENCING OLD TABLE AS old_tasks
  FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_tasks();
