-- What went wrong as a code, and names and numbers that it is about as a JSON object of texts: each language words them.
-- Null of what went wrong before they were kept.
alter table watches add column last_error_code text;
alter table watches add column last_error_params text;
alter table watched_objects add column error_code text;
alter table watched_objects add column error_params text;
alter table jobs add column last_error_code text;
