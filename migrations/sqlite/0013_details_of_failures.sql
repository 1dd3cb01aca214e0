-- Names and numbers of what an upload failed over, as a JSON object of texts: each language words them. Null of uploads
-- that failed before they were kept.
alter table uploads add column error_params text;
