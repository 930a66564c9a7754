import { Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { invitationRoutes } from '../../../contract/api/invitation.ts';
import { linkRoutes } from '../../../contract/api/password-link.ts';
import type { User } from '../../../contract/api/user.ts';
import { userRoutes } from '../../../contract/api/user.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { usePerson } from '../../app/session-context.ts';
import { Confirm } from '../../parts/confirm.tsx';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { ReasonedButton } from '../../parts/reasoned-button.tsx';
import { CutUsers } from './cut-users.tsx';
import type { Cut } from './cut-users.tsx';
import { HandedLink } from './handed-link.tsx';
import { whyNotCut, whyNotTouch } from './user-authority.ts';

type Properties = { readonly user: User; readonly owners: readonly User[]; readonly onGone: () => void };

/** UserAccess lets a person in, with an invitation or a link for a password, and keeps a person out. */
export function UserAccess({ user, owners, onGone }: Properties) {
  const { t } = useTranslation();
  const person = usePerson();
  const client = useQueryClient();
  const [cut, setCut] = useState<Cut | undefined>(undefined);
  const { id, status, email } = user;
  const refresh = async () => await client.invalidateQueries({ queryKey: [userRoutes.list.path] });
  const invite = useMutation({ mutationFn: async () => await call(invitationRoutes.create, { params: { id } }) });
  const link = useMutation({ mutationFn: async () => await call(linkRoutes.password, { params: { id } }) });
  const [isTaking, setTaking] = useState(false);
  const activate = useMutation({
    mutationFn: async () => await call(userRoutes.activate, { params: { id } }),
    onSettled: refresh,
  });
  const failure = invite.error ?? link.error ?? activate.error;
  const reason = whyNotTouch(person, user);
  const reasonToStay = whyNotCut(person, owners, [user]);
  const isInvited = status === 'INVITED';
  const reasonToKeepFactors = person.id === id ? t('users.ownFactors') : reason;
  return (
    <section className={formClasses.section} aria-labelledby="user-access">
      <Title order={3} id="user-access">
        {t('users.access')}
      </Title>
      <div className={formClasses.buttons}>
        {status === 'SUSPENDED' ? (
          <ReasonedButton variant="default" reason={reason} loading={activate.isPending} onClick={() => activate.mutate()}>
            {t('users.activate')}
          </ReasonedButton>
        ) : (
          <>
            <ReasonedButton
              variant="default"
              reason={reason}
              loading={invite.isPending || link.isPending}
              onClick={() => (isInvited ? invite : link).mutate()}
            >
              {isInvited ? t('users.invitation') : t('users.passwordLink')}
            </ReasonedButton>
            {!isInvited && (
              <ReasonedButton variant="default" reason={reasonToKeepFactors} onClick={() => setTaking(true)}>
                {t('users.removeFactors')}
              </ReasonedButton>
            )}
            <ReasonedButton variant="default" reason={reasonToStay} onClick={() => setCut('suspend')}>
              {t('users.suspend')}
            </ReasonedButton>
          </>
        )}
        <ReasonedButton variant="default" reason={reasonToStay} onClick={() => setCut('remove')}>
          {t('users.remove')}
        </ReasonedButton>
      </div>
      {invite.data !== undefined && (
        <HandedLink link={invite.data.link} expiresAt={invite.data.expiresAt} mailedTo={invite.data.mailed ? email : undefined} />
      )}
      {link.data !== undefined && <HandedLink link={link.data.url} expiresAt={link.data.expiresAt} />}
      <FormFailure failure={failure instanceof ApiError ? failure : undefined} />
      {isTaking && (
        <Confirm
          title={t('users.removeFactors')}
          verb={t('users.removeFactors')}
          act={async () => await call(linkRoutes.removeSecondFactors, { params: { id } })}
          onClose={() => setTaking(false)}
        >
          <Text>{t('users.removeFactorsText', { name: user.username })}</Text>
        </Confirm>
      )}
      {cut !== undefined && (
        <CutUsers
          cut={cut}
          users={[user]}
          onClose={() => setCut(undefined)}
          onDone={() => {
            if (cut === 'remove') onGone();
          }}
        />
      )}
    </section>
  );
}
