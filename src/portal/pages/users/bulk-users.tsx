import { NativeSelect } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { User } from '../../../contract/api/user.ts';
import { userRoutes } from '../../../contract/api/user.ts';
import type { UserGroup } from '../../../contract/api/user-group.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { usePerson } from '../../app/session-context.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { eachInTurn } from '../../parts/list/each-in-turn.ts';
import { ReasonedButton } from '../../parts/reasoned-button.tsx';
import type { Cut } from './cut-users.tsx';
import { CutUsers } from './cut-users.tsx';
import { whyNotCut, whyNotTouch } from './user-authority.ts';

type Properties = {
  readonly owners: readonly User[];
  readonly selected: readonly User[];
  readonly groups: readonly UserGroup[];
  readonly onDone: () => void;
};

/** BulkUsers does the same to all users that are selected. */
export function BulkUsers({ owners, selected, groups, onDone }: Properties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const person = usePerson();
  const [cut, setCut] = useState<Cut | undefined>(undefined);
  const [group, setGroup] = useState('');
  const change = useMutation({
    mutationFn: async (act: (id: string) => Promise<unknown>) =>
      await eachInTurn(
        selected,
        async ({ id }) => await act(id),
        ({ row, done, message }) => t('list.stopped', { name: row.username, done, all: selected.length, message }),
      ),
    onSuccess: onDone,
    onSettled: async () => await client.invalidateQueries({ queryKey: [userRoutes.list.path] }),
  });
  const reason = selected.map((user) => whyNotTouch(person, user)).find((each) => each !== undefined);
  const reasonToStay = whyNotCut(person, owners, selected);
  const button = { variant: 'default', size: 'compact-sm', loading: change.isPending } as const;
  return (
    <>
      <ReasonedButton {...button} reason={reasonToStay} onClick={() => setCut('suspend')}>
        {t('users.suspend')}
      </ReasonedButton>
      <ReasonedButton
        {...button}
        reason={reason}
        onClick={() => change.mutate(async (id) => await call(userRoutes.activate, { params: { id } }))}
      >
        {t('users.activate')}
      </ReasonedButton>
      <ReasonedButton {...button} reason={reasonToStay} onClick={() => setCut('remove')}>
        {t('users.remove')}
      </ReasonedButton>
      <NativeSelect
        size="xs"
        aria-label={t('users.move')}
        value={group}
        onChange={(event) => setGroup(event.currentTarget.value)}
        data={[{ value: '', label: t('users.move') }, ...groups.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      {group !== '' && (
        <ReasonedButton
          {...button}
          reason={reason}
          onClick={() => change.mutate(async (id) => await call(userRoutes.update, { params: { id }, body: { groupId: group } }))}
        >
          {t('users.moveNow', { count: selected.length })}
        </ReasonedButton>
      )}
      <FormFailure failure={change.error instanceof ApiError ? change.error : undefined} />
      {cut !== undefined && <CutUsers cut={cut} users={selected} onClose={() => setCut(undefined)} onDone={onDone} />}
    </>
  );
}
