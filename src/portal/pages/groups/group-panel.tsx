import { Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UserGroupDetails } from '../../../contract/api/user-group-details.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';
import { call } from '../../api/call.ts';
import { Confirm } from '../../parts/confirm.tsx';
import formClasses from '../../parts/form.module.css';
import { InternetLink } from '../../parts/internet-link.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ReasonedButton } from '../../parts/reasoned-button.tsx';
import { TextLink } from '../../parts/text-link.tsx';
import { GroupForm } from './group-form.tsx';
import { refreshGroups } from './refresh-groups.ts';

type Properties = {
  readonly group: UserGroupDetails;
  readonly onClose: () => void;
};

/** GroupPanel is one group: its people, what holds for them, and deleting it once it has none. */
export function GroupPanel({ group, onClose }: Properties) {
  const { t } = useTranslation();
  const { isDefault, members } = group;
  const client = useQueryClient();
  const [isRemoved, setRemoved] = useState(false);
  const reason = isDefault ? t('groups.isDefault') : members > 0 ? t('groups.hasMembers', { count: members }) : undefined;
  return (
    <Panel title={group.name} onClose={onClose}>
      <div>
        <TextLink to="/users" search={{ group: group.id }}>
          {t('groups.people', { count: members })}
        </TextLink>
        <Text size="xs" c="dimmed">
          {t('groups.moveHelp')}
        </Text>
      </div>
      <GroupForm group={group} />
      <InternetLink kind="user-group" id={group.id} internetAccess={group.internetAccess} />
      <section className={formClasses.section}>
        <div className={formClasses.buttons}>
          <ReasonedButton variant="default" reason={reason} onClick={() => setRemoved(true)}>
            {t('groups.remove')}
          </ReasonedButton>
        </div>
        {reason !== undefined && (
          <Text size="xs" c="dimmed">
            {reason}
          </Text>
        )}
      </section>
      {isRemoved && (
        <Confirm
          title={t('groups.removeTitle', { name: group.name })}
          verb={t('groups.remove')}
          onClose={() => setRemoved(false)}
          act={async () => {
            await call(userGroupRoutes.remove, { params: { id: group.id } });
            await refreshGroups(client);
            onClose();
          }}
        >
          <Text>{t('groups.removeText', { name: group.name })}</Text>
        </Confirm>
      )}
    </Panel>
  );
}
