-- causeway: compatible
-- Lists are sorted as people do: hq-2 before hq-10, whatever the case.
create collation natural_order (provider = icu, locale = 'en-u-kn-ks-level2');

-- When a device was last connected: for one of them, and in that order for thousands.
create index session_device_started on session (device_id, started_at desc) where state <> 'refused' and device_id is not null;
