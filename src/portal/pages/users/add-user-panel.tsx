import { Button, Checkbox, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Invitation } from '../../../contract/api/invitation.ts';
import { invitationRoutes } from '../../../contract/api/invitation.ts';
import type { User } from '../../../contract/api/user.ts';
import { userRoutes } from '../../../contract/api/user.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import { call } from '../../api/call.ts';
import { useSession } from '../../app/session-context.ts';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { HandedLink } from './handed-link.tsx';
import { GroupSelect, mailField, RoleSelect } from './user-fields.tsx';

const route = getRouteApi('/users');
const asked = invitationRoutes.createUser.body
  .pick({ username: true, firstName: true, lastName: true, role: true, groupId: true, invite: true })
  .extend({ email: mailField });

type Properties = { readonly groups: readonly UserGroup[]; readonly onClose: () => void };
type Made = { readonly user: User; readonly invitation: Invitation | null };

/** AddUserPanel makes a user, and invites that person in the same step where it is wanted: by mail, or with a link to hand over. */
export function AddUserPanel({ groups, onClose }: Properties) {
  const { t } = useTranslation();
  const [made, setMade] = useState<Made | undefined>(undefined);
  return (
    <Panel title={t('users.add')} onClose={onClose}>
      {made === undefined ? (
        <AddUserForm groups={groups} onMade={setMade} />
      ) : (
        <Added made={made} onAnother={() => setMade(undefined)} />
      )}
    </Panel>
  );
}

function AddUserForm({ groups, onMade }: { readonly groups: readonly UserGroup[]; readonly onMade: (made: Made) => void }) {
  const { t } = useTranslation();
  const { server } = useSession();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const form = useContractForm({
    schema: asked,
    initial: {
      username: '',
      email: '',
      firstName: '',
      lastName: '',
      role: 'MEMBER',
      groupId: groups[0]?.id ?? '',
      invite: true,
    },
    labels: {
      username: t('users.username'),
      email: t('users.email'),
      firstName: t('users.firstName'),
      lastName: t('users.lastName'),
      role: t('users.role'),
      groupId: t('users.group'),
    },
    submit: async (body) => {
      const answer = await call(invitationRoutes.createUser, { body });
      await client.invalidateQueries({ queryKey: [userRoutes.list.path] });
      // Its row comes into the list at once, and this panel stays: what is in it is shown once.
      await navigate({ search: (before) => ({ ...before, panel: 'add' as const, id: answer.user.id }), replace: true });
      onMade(answer);
    },
  });
  const isMailed = server.sendsMail && form.values.email !== '';
  return (
    <form {...form.form} className={formClasses.form}>
      <TextInput {...form.field('username')} description={t('users.usernameHelp')} autoComplete="off" spellCheck={false} />
      <TextInput {...form.field('email')} type="email" autoComplete="off" />
      <TextInput {...form.field('firstName')} autoComplete="off" />
      <TextInput {...form.field('lastName')} autoComplete="off" />
      <RoleSelect {...form.field('role')} />
      <GroupSelect {...form.field('groupId')} groups={groups} />
      <Checkbox
        label={isMailed ? t('users.inviteByMail') : t('users.inviteByLink')}
        description={server.sendsMail ? t('users.inviteHelp') : `${t('users.inviteNoMail')} ${t('users.inviteHelp')}`}
        checked={form.values.invite === true}
        onChange={(event) => form.set('invite', event.currentTarget.checked)}
      />
      <FormFailure failure={form.failure} />
      <Button type="submit" loading={form.isSending}>
        {t('users.addSubmit')}
      </Button>
    </form>
  );
}

function Added({ made: { user, invitation }, onAnother }: { readonly made: Made; readonly onAnother: () => void }) {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  return (
    <Stack gap="md">
      <Text role="status">{t('users.added', { name: user.username })}</Text>
      {invitation !== null && (
        <HandedLink
          link={invitation.link}
          expiresAt={invitation.expiresAt}
          mailedTo={invitation.mailed ? user.email : undefined}
        />
      )}
      <div className={formClasses.buttons}>
        <Button
          variant="default"
          onClick={() => void navigate({ search: ({ panel: _panel, ...before }) => ({ ...before, id: user.id }) })}
        >
          {t('users.open', { name: user.username })}
        </Button>
        <Button variant="default" onClick={onAnother}>
          {t('users.addAnother')}
        </Button>
      </div>
    </Stack>
  );
}
