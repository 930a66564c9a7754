import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { LiveProvider } from '../live/live-provider.tsx';
import { PageLoader } from '../parts/page-loader.tsx';
import { createPortalRouter } from './router.tsx';
import { useSession } from './session-context.ts';
import '../texts/texts-signed-in.ts';
import '../theme/styles-signed-in.ts';

const EnrolmentPage = lazy(async () => ({ default: (await import('../pages/enrolment/enrolment-page.tsx')).EnrolmentPage }));
const MemberPage = lazy(async () => ({ default: (await import('../pages/member/member-page.tsx')).MemberPage }));

/** SignedIn is the portal for who is signed in, or has to add a second factor before; it is loaded after the sign-in, with what only it needs. */
export function SignedIn() {
  const [router] = useState(createPortalRouter);
  const { state, person } = useSession();
  return state === 'enrolment' || person?.role === 'MEMBER' ? (
    <Suspense fallback={<PageLoader />}>{state === 'enrolment' ? <EnrolmentPage /> : <MemberPage />}</Suspense>
  ) : (
    <LiveProvider>
      <RouterProvider router={router} />
    </LiveProvider>
  );
}
