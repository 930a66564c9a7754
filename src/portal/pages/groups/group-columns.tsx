import { useTranslation } from 'react-i18next';
import type { UserGroupDetails } from '../../../contract/api/user-group-details.ts';
import type { Column } from '../../parts/list/list-column.ts';
import listClasses from '../../parts/list/list.module.css';
import { ObjectName } from '../../parts/object-name.tsx';
import { TextLink } from '../../parts/text-link.tsx';

/** useGroupColumns is what the list says of a group. */
export function useGroupColumns(): readonly Column<UserGroupDetails>[] {
  const { t } = useTranslation();
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
      text: ({ members }) => String(members),
      order: ({ members }) => members,
      isSearched: false,
      cell: ({ id, members }) => (
        <TextLink to="/users" search={{ group: id }} className={listClasses.other}>
          {t('groups.people', { count: members })}
        </TextLink>
      ),
      width: 'narrow',
    },
    {
      key: 'internet',
      title: t('groups.internet'),
      text: ({ internetAccess }) => t(`internetModes.${internetAccess}`),
      isSearched: false,
    },
    {
      key: 'auth',
      title: t('groups.auth'),
      text: ({ connectAuth }) => t(`groups.auths.${connectAuth}.word`),
      isSearched: false,
      width: 'wide',
    },
    {
      key: 'regions',
      title: t('groups.regions'),
      text: ({ allRegionsIncluded, vpnRegionIds }) => (allRegionsIncluded ? t('groups.allRegions') : vpnRegionIds.join(', ')),
      isSearched: false,
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
