-- Who sent an upload that no person did: 'key', 'watch' or 'command', and which key or watch. Null of a person's, and
-- of uploads from before this was noted.
alter table uploads add column sent_by text;
alter table uploads add column sent_by_id uuid;
