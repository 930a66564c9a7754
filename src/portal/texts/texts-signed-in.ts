/** Adds what is said to who is signed in; imported by the chunk that shows it. */
import i18next from 'i18next';
import { enActivity } from './en-activity.ts';
import { enOverview } from './en-overview.ts';
import { enSignedIn } from './en-signed-in.ts';

i18next.addResourceBundle('en', 'portal', { ...enSignedIn, ...enOverview, ...enActivity }, true);
