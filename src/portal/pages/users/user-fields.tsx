import { NativeSelect, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { isMailAddress } from '../../../contract/api/mail.ts';
import type { User } from '../../../contract/api/user.ts';
import { userRequest } from '../../../contract/api/user.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import { userRoles } from '../../../contract/api/words.ts';
import { usePerson } from '../../app/session-context.ts';
import type { FieldProperties } from '../../parts/use-contract-form.ts';
import { whyNotGive } from './user-authority.ts';

/** The mail address as the controller takes it. */
export const mailField = userRequest.shape.email.refine((text) => text === undefined || isMailAddress(text), {
  error: 'is not a mail address; allowed: an address such as bob@example.com, or none',
});

type RoleProperties = FieldProperties<string> & { readonly user?: User; readonly disabled?: boolean };

/** RoleSelect offers the roles; those that are not this person's to give are there, and say why. */
export function RoleSelect({ user, ...field }: RoleProperties) {
  const { t } = useTranslation();
  const person = usePerson();
  const reasons = userRoles.map((role) => whyNotGive(person, user, role));
  return (
    <NativeSelect
      {...field}
      description={field.disabled === true ? undefined : [...new Set(reasons.filter((reason) => reason !== undefined))].join(' ')}
      data={userRoles.map((value, index) => ({ value, label: t(`roles.${value}`), disabled: reasons[index] !== undefined }))}
    />
  );
}

type GroupProperties = FieldProperties<string> & { readonly groups: readonly UserGroup[]; readonly disabled?: boolean };

/** GroupSelect offers the groups; without a choice it is the default group, the first one. */
export function GroupSelect({ groups, ...field }: GroupProperties) {
  return <NativeSelect {...field} data={groups.map(({ id, name }) => ({ value: id, label: name }))} />;
}

/** namedGroups are the groups that have these ids, in that order; one that is not known any more is called by its id. */
export function namedGroups(groups: readonly UserGroup[], ids: readonly string[]): readonly Pick<UserGroup, 'id' | 'name'>[] {
  return ids.map((id) => groups.find((group) => group.id === id) ?? { id, name: id });
}

/** Reason says why a form beside it cannot be used. */
export function Reason({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : (
    <Text size="sm" role="note">
      {text}
    </Text>
  );
}
