-- causeway: compatible
-- Who has to have a second factor, and whether browsers may be trusted instead of it (docs/security.md); what new groups ask at connect.
alter table user_group
  add column second_factor text not null default 'OPTIONAL' check (second_factor in ('OPTIONAL', 'REQUIRED'));
alter table wpc
  add column two_factor_auth boolean not null default false,
  add column trusted_devices_allowed boolean not null default true,
  add column connect_auth text not null default 'NO_AUTH' check (connect_auth in ('NO_AUTH', 'ON_PRIOR_AUTH', 'EVERY_TIME'));
