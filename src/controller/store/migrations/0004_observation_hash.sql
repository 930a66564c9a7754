-- causeway: compatible
-- The agent's name for the text of a section, by which it leaves out what has not changed. Null: not known, so it is sent again.
alter table observation add column hash text;
