import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { WebSessionState } from '../../contract/api/web-session.ts';
import { webSessionRoutes } from '../../contract/api/web-session.ts';
import { asking } from '../api/ask.ts';
import { PageLoader } from '../parts/page-loader.tsx';
import { PageProblem } from '../parts/page-problem.tsx';
import { SessionContext } from './session-context.ts';
import { wholePage } from './whole-page.ts';

/** Each is loaded when it is needed: who signs in has not loaded the rest yet. */
const SignedIn = lazy(wholePage(async () => ({ default: (await import('./signed-in.tsx')).SignedIn })));
const SignInPage = lazy(wholePage(async () => ({ default: (await import('../pages/sign-in/sign-in-page.tsx')).SignInPage })));
const SetUpPage = lazy(wholePage(async () => ({ default: (await import('../pages/set-up/set-up-page.tsx')).SetUpPage })));
const NewPasswordPage = lazy(
  wholePage(async () => ({
    default: (await import('../pages/new-password/new-password-page.tsx')).NewPasswordPage,
  })),
);

const InvitationPage = lazy(
  wholePage(async () => ({ default: (await import('../pages/invitation/invitation-page.tsx')).InvitationPage })),
);
const ConnectPage = lazy(wholePage(async () => ({ default: (await import('../pages/connect/connect-page.tsx')).ConnectPage })));

/** The link of a mail, or one that was handed over; its secret stands behind `#`. */
export const newPasswordPath = '/new-password';
const invitationPath = '/invitation';
/** As contract/api/connect-approval.ts has it, whose schemas would come along with everybody's first page. */
const connectPagePath = '/c/';

/**
 * Gate shows the page to who is signed in, and to everybody else what comes before it. The address is left alone, so that a deep link leads to
 * its page after signing in.
 */
export function Gate() {
  const session = useQuery({ ...asking(webSessionRoutes.read), staleTime: Number.POSITIVE_INFINITY });
  if (session.data === undefined) {
    if (session.error !== null) return <PageProblem error={session.error} onRetry={() => void session.refetch()} />;
    return <PageLoader />;
  }
  return (
    <SessionContext value={session.data}>
      <Suspense fallback={<PageLoader />}>{pageFor(session.data)}</Suspense>
    </SessionContext>
  );
}

function pageFor({ state }: WebSessionState) {
  const { pathname } = window.location;
  if (pathname === newPasswordPath) return <NewPasswordPage />;
  if (pathname === invitationPath) return <InvitationPage />;
  switch (state) {
    case 'set-up':
      return <SetUpPage />;
    case 'signed-out':
    case 'second-factor':
      return <SignInPage />;
    case 'enrolment':
      return <SignedIn />;
    case 'signed-in':
      return pathname.startsWith(connectPagePath) ? <ConnectPage /> : <SignedIn />;
  }
}
