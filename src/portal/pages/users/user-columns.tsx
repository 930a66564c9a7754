import { useTranslation } from 'react-i18next';
import type { User } from '../../../contract/api/user.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import { userRoles, userStatuses } from '../../../contract/api/words.ts';
import type { Column, ListFilter } from '../../parts/list/list-column.ts';
import listClasses from '../../parts/list/list.module.css';
import { ObjectName } from '../../parts/object-name.tsx';
import type { ShownState } from '../../parts/state-mark.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { TextLink } from '../../parts/text-link.tsx';

export const statusStates = {
  ACTIVE: 'up',
  INVITED: 'pending',
  SUSPENDED: 'down',
} as const satisfies Record<User['status'], ShownState>;

/** onlineDevices counts the devices of a user that packets can reach. */
export function onlineDevices({ devices }: Pick<User, 'devices'>): number {
  return devices.filter(({ connectionStatus }) => connectionStatus === 'ONLINE').length;
}

/** groupNames calls groups by their name; one that is not known any more by its id. */
function groupNames(groups: readonly UserGroup[]): (id: string) => string {
  const names = new Map(groups.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}

/** useUserColumns is what the list says of a user. */
export function useUserColumns(groups: readonly UserGroup[]): readonly Column<User>[] {
  const { t } = useTranslation();
  const groupName = groupNames(groups);
  return [
    {
      key: 'username',
      title: t('users.username'),
      text: ({ username }) => username,
      cell: ({ id, username }) => (
        <TextLink
          from="/users"
          to="/users"
          search={({ panel: _panel, ...before }) => ({ ...before, id })}
          className={listClasses.name}
          title={username}
          data-row-link
        >
          <ObjectName name={username} />
        </TextLink>
      ),
      width: 'wide',
    },
    { key: 'name', title: t('users.name'), text: ({ firstName, lastName }) => `${firstName} ${lastName}`.trim() },
    { key: 'email', title: t('users.email'), text: ({ email }) => email, width: 'wide' },
    { key: 'group', title: t('users.group'), text: ({ groupId }) => groupName(groupId) },
    { key: 'role', title: t('users.role'), text: ({ role }) => t(`roles.${role}`), isSearched: false, width: 'narrow' },
    {
      key: 'status',
      title: t('users.status'),
      text: ({ status }) => t(`users.statuses.${status}`),
      isSearched: false,
      cell: ({ status }) => <StateMark state={statusStates[status]} word={t(`users.statuses.${status}`)} />,
      width: 'narrow',
    },
    {
      key: 'devices',
      title: t('users.devices'),
      text: (user) => devicesText(user),
      order: ({ devices }) => devices.length,
      isSearched: false,
      cell: (user) => <StateMark state={onlineDevices(user) > 0 ? 'up' : 'unknown'} word={devicesText(user)} />,
    },
  ];

  function devicesText(user: User): string {
    const all = user.devices.length;
    return all === 0 ? t('users.noDevice') : t('users.devicesOf', { online: onlineDevices(user), all });
  }
}

/** useUserFilters is what the list can be narrowed to. */
export function useUserFilters(groups: readonly UserGroup[]): readonly ListFilter<User>[] {
  const { t } = useTranslation();
  return [
    {
      key: 'role',
      label: t('users.role'),
      all: t('users.allRoles'),
      choices: userRoles.map((value) => ({ value, label: t(`roles.${value}`) })),
      accepts: ({ role }, value) => role === value,
    },
    {
      key: 'status',
      label: t('users.status'),
      all: t('users.allStatuses'),
      choices: userStatuses.map((value) => ({ value, label: t(`users.statuses.${value}`) })),
      accepts: ({ status }, value) => status === value,
    },
    {
      key: 'group',
      label: t('users.group'),
      all: t('users.allGroups'),
      choices: groups.map(({ id, name }) => ({ value: id, label: name })),
      accepts: ({ groupId, secondaryGroupIds }, value) => groupId === value || secondaryGroupIds.includes(value),
    },
    {
      key: 'state',
      label: t('users.devices'),
      all: t('users.allStates'),
      choices: [
        { value: 'online', label: t('users.connected') },
        { value: 'offline', label: t('users.notConnected') },
      ],
      accepts: ({ connectionStatus }, value) => connectionStatus === value.toUpperCase(),
    },
  ];
}
