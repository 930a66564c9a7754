import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { createPortalRouter } from './router.tsx';
import '../texts/texts-signed-in.ts';
import '../theme/styles-signed-in.ts';

/** SignedIn is the portal for who is signed in; it is loaded after the sign-in, with everything that only it needs. */
export function SignedIn() {
  const [router] = useState(createPortalRouter);
  return <RouterProvider router={router} />;
}
