-- causeway: compatible
-- Whether a device's profile may be used on the machine that it was first used on alone (device-identity.ts). Which one that is stands in
-- device.client_uuid.
alter table wpc add column device_enforcement text not null default 'OFF'
  check (device_enforcement in ('OFF', 'LEARN_AND_ENFORCE', 'ENFORCE'));
