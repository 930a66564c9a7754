import { useTranslation } from 'react-i18next';
import type { User } from '../../../contract/api/user.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import type { Column } from '../../parts/list/list-column.ts';
import listClasses from '../../parts/list/list.module.css';
import { ObjectName } from '../../parts/object-name.tsx';
import { TextLink } from '../../parts/text-link.tsx';

/** Members is how many people each group has. */
export type Members = ReadonlyMap<string, number>;

/** countMembers counts who is in each group, by the first or a further group of theirs. */
export function countMembers(users: readonly User[]): Members {
  const counts = new Map<string, number>();
  for (const { groupId, secondaryGroupIds } of users) {
    for (const group of [groupId, ...secondaryGroupIds]) counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return counts;
}

/** useGroupColumns is what the list says of a group. */
export function useGroupColumns(members: Members): readonly Column<UserGroup>[] {
  const { t } = useTranslation();
  const count = ({ id }: UserGroup) => members.get(id) ?? 0;
  return [
    {
      key: 'name',
      title: t('groups.name'),
      text: ({ name }) => name,
      cell: ({ id, name }) => (
        <TextLink
          from="/groups"
          to="/groups"
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
      key: 'members',
      title: t('groups.members'),
      text: (group) => String(count(group)),
      order: count,
      isSearched: false,
      cell: (group) => (
        <TextLink to="/users" search={{ group: group.id }} className={listClasses.other}>
          {t('groups.people', { count: count(group) })}
        </TextLink>
      ),
      width: 'narrow',
    },
    { key: 'internet', title: t('groups.internet'), text: ({ internetAccess }) => t(`internetModes.${internetAccess}`) },
    { key: 'auth', title: t('groups.auth'), text: ({ connectAuth }) => t(`groups.auths.${connectAuth}.word`), width: 'wide' },
    {
      key: 'regions',
      title: t('groups.regions'),
      text: ({ allRegionsIncluded, vpnRegionIds }) => (allRegionsIncluded ? t('groups.allRegions') : vpnRegionIds.join(', ')),
    },
    {
      key: 'devices',
      title: t('groups.maxDevice'),
      text: ({ maxDevice }) => String(maxDevice),
      order: ({ maxDevice }) => maxDevice,
      isSearched: false,
    },
  ];
}
