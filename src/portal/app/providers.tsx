/**
 * src/portal/app is what the page hangs from: providers, the gate that asks who is signed in, routes, and what is shown when something breaks.
 */
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { createQueryClient } from '../api/query-client.ts';
import { theme } from '../theme/theme.ts';
import { ErrorBoundary } from './error-boundary.tsx';

/** Providers surround everything. Mantine's own stylesheets in `<style>` elements are off: portal-build/theme-plugin.ts wrote them to a file. */
export function Providers({ children }: { readonly children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={client}>
        <ErrorBoundary>{children}</ErrorBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}
