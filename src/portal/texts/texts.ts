/**
 * src/portal/texts is every word of the portal, one file for each language. English is the only one so far; a second is a file with the same
 * keys and an entry in `resources`.
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'portal';
    resources: { portal: typeof en };
    returnNull: false;
  }
}

void i18next.use(initReactI18next).init({
  lng: 'en',
  fallbackLng: 'en',
  defaultNS: 'portal',
  resources: { en: { portal: en } },
  // React escapes.
  interpolation: { escapeValue: false },
  initAsync: false,
});
