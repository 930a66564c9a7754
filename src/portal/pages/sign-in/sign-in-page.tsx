/** src/portal/pages/sign-in: user name and password, then the second factor where there is one. What leads on is the gate (app/gate.tsx). */
import { lazy } from 'react';
import { useSession } from '../../app/session-context.ts';
import { PasswordStep } from './password-step.tsx';

const SecondFactorStep = lazy(async () => ({ default: (await import('./second-factor-step.tsx')).SecondFactorStep }));

/** SignInPage shows the step that the session is at, so that a reload stays there. */
export function SignInPage() {
  return useSession().state === 'second-factor' ? <SecondFactorStep /> : <PasswordStep />;
}
