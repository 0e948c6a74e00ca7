DROP TABLE audit_checkpoints;
DROP TABLE audit_personal;
DROP TRIGGER audit_events_keep ON audit_events;
DROP TRIGGER audit_events_chain ON audit_events;
DROP FUNCTION audit_event_hash(audit_events);
DROP TABLE audit_events;
DROP FUNCTION chain_audit_event();
DROP FUNCTION refuse_change_of_audit_log();
