DROP TRIGGER tasks_count_inserted ON tasks;
DROP TRIGGER tasks_count_updated ON tasks;
DROP TRIGGER tasks_count_deleted ON tasks;
DROP FUNCTION count_inserted_tasks();
DROP FUNCTION count_updated_tasks();
DROP FUNCTION count_deleted_tasks();
DROP TABLE task_counts;
