/**
 * src/portal/texts is every word of the portal. English is the only language so far; a second is files with the same keys, an entry in
 * `resources` here and one in texts-signed-in.ts. What only one page says is a file of its own, which that page adds (add-texts.ts).
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { enEntrance } from './en-entrance.ts';
import type { enInternet } from './en-internet.ts';
import type { enLearn } from './en-learn.ts';
import type { enSettings } from './en-settings.ts';
import type { enWhatIf } from './en-what-if.ts';
import type { enSignedIn } from './en-signed-in.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'portal';
    resources: {
      portal: typeof enEntrance & typeof enSignedIn & typeof enSettings & typeof enInternet & typeof enWhatIf & typeof enLearn;
    };
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
