import { useTranslation } from 'react-i18next';
import type { DeviceDetails } from '../../../contract/api/device-details.ts';
import { deviceStates } from '../../../contract/api/device-details.ts';
import { devicePlatforms } from '../../../contract/api/words.ts';
import { Address } from '../../parts/address.tsx';
import type { Column, ListFilter } from '../../parts/list/list-column.ts';
import listClasses from '../../parts/list/list.module.css';
import { ObjectName } from '../../parts/object-name.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { useNearingEnd } from '../../parts/use-nearing-end.ts';

/** DeviceState says whether packets reach a device now, or why none can. */
export function DeviceState({ device }: { readonly device: Pick<DeviceDetails, 'connectionStatus' | 'hasProfile'> }) {
  const { t } = useTranslation();
  const state = stateOf(device);
  return <StateMark state={state === 'online' ? 'up' : 'unknown'} word={t(`devices.states.${state}`)} />;
}

function stateOf({ connectionStatus, hasProfile }: Pick<DeviceDetails, 'connectionStatus' | 'hasProfile'>) {
  if (connectionStatus === 'ONLINE') return 'online';
  return hasProfile ? 'offline' : 'no-profile';
}

/** ProfileEnd is when the profile ends by which a device connects; marked when that is soon. */
export function ProfileEnd({ at }: { readonly at: string }) {
  const isNear = useNearingEnd(at);
  return isNear ? <StateMark state="degraded" word={<RelativeTime at={at} />} /> : <RelativeTime at={at} />;
}

/** useDeviceColumns is what the list says of a device. */
export function useDeviceColumns(): readonly Column<DeviceDetails>[] {
  const { t } = useTranslation();
  const timeOf = (at: string | null) => (at === null ? 0 : Date.parse(at));
  return [
    {
      key: 'name',
      title: t('devices.name'),
      text: ({ name }) => name,
      cell: ({ id, name }) => (
        <TextLink
          from="/devices"
          to="/devices"
          search={({ panel: _panel, ...before }) => ({ ...before, id })}
          className={listClasses.name}
          title={name}
          data-row-link
        >
          <ObjectName name={name} />
        </TextLink>
      ),
      width: 'wide',
    },
    {
      key: 'user',
      title: t('devices.user'),
      text: ({ username }) => username,
      cell: ({ userId, username }) => (
        <TextLink to="/users" search={{ id: userId }} className={listClasses.other} title={username}>
          <ObjectName name={username} />
        </TextLink>
      ),
      width: 'wide',
    },
    {
      key: 'address',
      title: t('devices.address'),
      text: ({ ipV4Address }) => ipV4Address,
      cell: ({ ipV4Address }) => <Address value={ipV4Address} />,
    },
    {
      key: 'state',
      title: t('devices.state'),
      text: (device) => t(`devices.states.${stateOf(device)}`),
      isSearched: false,
      cell: (device) => <DeviceState device={device} />,
    },
    {
      key: 'platform',
      title: t('devices.platform'),
      text: ({ platform }) => (platform === null ? '' : t(`member.platforms.${platform}`)),
      isSearched: false,
      width: 'narrow',
    },
    {
      key: 'seen',
      title: t('devices.seen'),
      text: ({ lastConnectedAt }) => lastConnectedAt ?? '',
      order: ({ lastConnectedAt }) => timeOf(lastConnectedAt),
      isSearched: false,
      cell: ({ lastConnectedAt }) => (lastConnectedAt === null ? '–' : <RelativeTime at={lastConnectedAt} />),
    },
    {
      key: 'profile',
      title: t('devices.profileEnds'),
      text: ({ profileEndsAt }) => profileEndsAt ?? '',
      order: ({ profileEndsAt }) => (profileEndsAt === null ? Number.POSITIVE_INFINITY : timeOf(profileEndsAt)),
      isSearched: false,
      cell: ({ profileEndsAt }) => (profileEndsAt === null ? '–' : <ProfileEnd at={profileEndsAt} />),
    },
  ];
}

/** useDeviceFilters is what the list can be narrowed to. */
export function useDeviceFilters(): readonly ListFilter<DeviceDetails>[] {
  const { t } = useTranslation();
  return [
    {
      key: 'state',
      label: t('devices.state'),
      all: t('devices.allStates'),
      choices: deviceStates.map((value) => ({ value, label: t(`devices.states.${value}`) })),
      accepts: (device, value) => stateOf(device) === value,
    },
    {
      key: 'platform',
      label: t('devices.platform'),
      all: t('devices.allPlatforms'),
      choices: devicePlatforms.map((value) => ({ value, label: t(`member.platforms.${value}`) })),
      accepts: ({ platform }, value) => platform === value,
    },
  ];
}
