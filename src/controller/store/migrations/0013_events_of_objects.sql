-- causeway: compatible
-- What happened to one object is asked for by its page (src/controller/activity); without this it reads all events of 30 days.
create index event_object on event (entity_id, seq);
