-- The extensions stay: somebody else may have put them there.
DROP TABLE tasks;
DROP COLLATION natural_order;
