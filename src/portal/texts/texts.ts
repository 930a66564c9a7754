/**
 * src/portal/texts is every word of the portal. English is the only language so far; a second is files with the same keys, an entry in
 * `resources` here and one in texts-signed-in.ts. What only one page says is a file of its own, which that page adds (add-texts.ts).
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { enActivity } from './en-activity.ts';
import { enEntrance } from './en-entrance.ts';
import type { enInternet } from './en-internet.ts';
import type { enLearn } from './en-learn.ts';
import type { enLinks } from './en-links.ts';
import type { enOverview } from './en-overview.ts';
import type { enPeople } from './en-people.ts';
import type { enSettings } from './en-settings.ts';
import type { enSignInSteps } from './en-sign-in-steps.ts';
import type { enSignedIn } from './en-signed-in.ts';
import type { enWhatIf } from './en-what-if.ts';

type Texts = typeof enEntrance &
  typeof enLinks &
  typeof enSignInSteps &
  typeof enSignedIn &
  typeof enOverview &
  typeof enActivity &
  typeof enPeople &
  typeof enSettings &
  typeof enInternet &
  typeof enWhatIf &
  typeof enLearn;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'portal';
    resources: { portal: Texts };
    returnNull: false;
  }
}

void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  defaultNS: 'portal',
  resources: { en: { portal: enEntrance } },
  // React escapes.
  interpolation: { escapeValue: false },
  initAsync: false,
});
