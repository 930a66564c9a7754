/** src/portal/pages/account is what people do with their own account, whatever their role: password, second factor, sessions. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ownAccountRoutes } from '../../../contract/api/own-account.ts';
import { asking } from '../../api/ask.ts';
import { usePerson } from '../../app/session-context.ts';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import classes from './account.module.css';
import { AuthenticatorSection } from './authenticator-section.tsx';
import { PasskeysSection } from './passkeys-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { SessionsSection } from './sessions-section.tsx';

export function AccountPage() {
  const { t } = useTranslation();
  const person = usePerson();
  const name = `${person.firstName} ${person.lastName}`.trim();
  return (
    <Page title={t('account.title')} lead={<bdi>{name === '' ? person.username : `${name}, ${person.username}`}</bdi>}>
      <AccountSections />
    </Page>
  );
}

/** AccountSections are what can be done, without a page around it: members have them on their only one. */
export function AccountSections() {
  const { data, error, refetch } = useQuery(asking(ownAccountRoutes.security));
  if (error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <PageLoader />;
  return (
    <div className={classes.sections}>
      <PasswordSection changedAt={data.passwordChangedAt} />
      <AuthenticatorSection security={data} />
      <PasskeysSection security={data} />
      <SessionsSection />
    </div>
  );
}
