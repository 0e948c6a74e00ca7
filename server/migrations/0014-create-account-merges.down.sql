DROP TABLE merge_offers;
DROP TABLE account_merge_identities;
DROP TABLE account_merge_tasks;
DROP TABLE account_merges;
