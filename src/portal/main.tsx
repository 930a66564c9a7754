/**
 * src/portal is the portal: React in the browser, a client of the API like any other (portal.md). This file starts it; app/ decides what is
 * shown, pages/ are the pages, frame/ is what surrounds them, parts/ what several share, api/ the way to the controller, theme/ how it looks,
 * texts/ what it says. Vite builds it (src/portal-build). Tests in Chromium: `./causeway test portal` (test/portal).
 */
import './theme/styles.ts';
import './texts/texts.ts';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Gate } from './app/gate.tsx';
import { Providers } from './app/providers.tsx';

const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no element with the id root');
createRoot(place).render(
  <StrictMode>
    <Providers>
      <Gate />
    </Providers>
  </StrictMode>,
);
