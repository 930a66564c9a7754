/** Adds what is said to who is signed in; imported by the chunk that shows it. */
import i18next from 'i18next';
import { enSignedIn } from './en-signed-in.ts';

i18next.addResourceBundle('en', 'portal', enSignedIn, true);
