/** Adds what is said on the lists of people and machines; imported by the chunks that show them. */
import i18next from 'i18next';
import { enPeople } from './en-people.ts';

i18next.addResourceBundle('en', 'portal', enPeople, true);
