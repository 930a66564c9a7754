import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../contract/api/user.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import { Address } from '../../parts/address.tsx';
import formClasses from '../../parts/form.module.css';
import { ObjectName } from '../../parts/object-name.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { statusStates } from './user-columns.tsx';
import { UserAccess } from './user-access.tsx';
import { UserForm } from './user-form.tsx';

type Properties = {
  readonly user: User;
  readonly owners: readonly User[];
  readonly groups: readonly UserGroup[];
  readonly onClose: () => void;
};

/** UserPanel is one user: name, role and group to change, the devices, and how the person gets in or is kept out. */
export function UserPanel({ user, owners, groups, onClose }: Properties) {
  const { t } = useTranslation();
  return (
    <Panel title={user.username} onClose={onClose}>
      <StateMark state={statusStates[user.status]} word={t(`users.statuses.${user.status}`)} />
      <UserForm user={user} groups={groups} />
      <section className={formClasses.section} aria-labelledby="user-devices">
        <Title order={3} id="user-devices">
          {t('users.devices')}
        </Title>
        <ul className={formClasses.lines}>
          {user.devices.map(({ id, name, ipV4Address, connectionStatus }) => (
            <li key={id}>
              <TextLink to="/devices" search={{ id }}>
                <ObjectName name={name} />
              </TextLink>
              <Address value={ipV4Address} />
              <StateMark
                state={connectionStatus === 'ONLINE' ? 'up' : 'unknown'}
                word={t(connectionStatus === 'ONLINE' ? 'users.connected' : 'users.notConnected')}
              />
            </li>
          ))}
          {user.devices.length === 0 && <li>{t('users.noDevice')}</li>}
        </ul>
        <TextLink to="/devices" search={{ panel: 'add', user: user.username }}>
          {t('users.addDevice')}
        </TextLink>
      </section>
      <UserAccess user={user} owners={owners} onGone={onClose} />
    </Panel>
  );
}
