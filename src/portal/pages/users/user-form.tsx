import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../contract/api/user.ts';
import { userRoutes, userUpdate } from '../../../contract/api/user.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import { userGroupDetailsRoutes } from '../../../contract/api/user-group-details.ts';
import { call } from '../../api/call.ts';
import { changesOf } from '../../parts/changed-fields.ts';
import { usePerson } from '../../app/session-context.ts';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import type { Save } from '../../parts/edited.tsx';
import { Edited } from '../../parts/edited.tsx';
import { ObjectsPicker } from '../../parts/objects-picker.tsx';
import { useContractForm } from '../../parts/use-contract-form.ts';
import { whyNotTouch } from './user-authority.ts';
import { GroupSelect, mailField, namedGroups, Reason, RoleSelect } from './user-fields.tsx';

const asked = userUpdate
  .pick({ firstName: true, lastName: true, role: true, groupId: true, secondaryGroupIds: true })
  .extend({ email: mailField });

type Properties = { readonly user: User; readonly groups: readonly UserGroup[] };

/** UserForm changes a user, whom others may change too. */
export function UserForm({ user, groups }: Properties) {
  const { t } = useTranslation();
  const { id } = user;
  return (
    <Edited
      thing={user}
      read={async () => await call(userRoutes.read, { params: { id } })}
      fields={{
        firstName: { label: t('users.firstName') },
        lastName: { label: t('users.lastName') },
        email: { label: t('users.email') },
        role: { label: t('users.role'), text: ({ role }) => t(`roles.${role}`) },
        groupId: {
          label: t('users.group'),
          text: (now) => groups.find((group) => group.id === now.groupId)?.name ?? now.groupId,
        },
        secondaryGroupIds: {
          label: t('users.secondaryGroups'),
          text: ({ secondaryGroupIds }) =>
            namedGroups(groups, secondaryGroupIds)
              .map(({ name }) => name)
              .join(', '),
        },
      }}
    >
      {(base, save) => <UserFields user={base} groups={groups} save={save} />}
    </Edited>
  );
}

function UserFields({ user, groups, save }: Properties & { readonly save: Save }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const reason = whyNotTouch(usePerson(), user);
  const { firstName, lastName, email, role, groupId, secondaryGroupIds } = user;
  const form = useContractForm({
    schema: asked.superRefine((values, context) => {
      // The API takes an empty text for "not given": it would stay, and nobody would be told.
      for (const name of ['firstName', 'lastName', 'email'] as const) {
        if (user[name] === '' || values[name] !== undefined) continue;
        context.addIssue({ code: 'custom', path: [name], message: t('users.cannotEmpty') });
      }
    }),
    initial: { firstName, lastName, email, role, groupId, secondaryGroupIds },
    labels: {
      firstName: t('users.firstName'),
      lastName: t('users.lastName'),
      email: t('users.email'),
      role: t('users.role'),
      groupId: t('users.group'),
    },
    submit: async (values) => {
      await save(values, async (body) => await call(userRoutes.update, { params: { id: user.id }, body }));
      await client.invalidateQueries({ queryKey: [userRoutes.list.path] });
    },
  });
  const isDisabled = reason !== undefined;
  const changed = isDisabled ? undefined : changesOf(user, form.valid());
  return (
    <form {...form.form} className={formClasses.form}>
      <Reason text={reason} />
      <TextInput {...form.field('firstName')} autoComplete="off" disabled={isDisabled} />
      <TextInput {...form.field('lastName')} autoComplete="off" disabled={isDisabled} />
      <TextInput {...form.field('email')} type="email" autoComplete="off" disabled={isDisabled} />
      <RoleSelect {...form.field('role')} user={user} disabled={isDisabled} />
      <GroupSelect {...form.field('groupId')} groups={groups} disabled={isDisabled} />
      <ObjectsPicker
        label={t('users.secondaryGroups')}
        description={t('users.secondaryGroupsHelp')}
        route={userGroupDetailsRoutes.list}
        chosen={namedGroups(groups, form.values.secondaryGroupIds ?? [])}
        onChange={(ids) => form.set('secondaryGroupIds', [...ids])}
        except={[form.values.groupId ?? '']}
        disabled={isDisabled}
      />
      <FormFailure failure={form.failure} />
      <Impact trial={changed && trialOf(userRoutes.update, { params: { id: user.id }, body: changed })} />
      {!isDisabled && (
        <Button type="submit" variant="default" loading={form.isSending}>
          {t('list.save')}
        </Button>
      )}
    </form>
  );
}
