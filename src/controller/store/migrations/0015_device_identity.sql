-- causeway: compatible
-- Whether a device's profile may be used on the machine that it was first used on alone (device-identity.ts). Which one that is stands in
-- device.client_uuid.
alter table wpc add column device_enforcement text not null default 'OFF'
  check (device_enforcement in ('OFF', 'LEARN_AND_ENFORCE', 'ENFORCE'));

-- When its machine was forgotten last: a tunnel that was up then says nothing of the machine that is to have the device from now on.
alter table device add column machine_forgotten_at timestamptz;
