/** Adds what the pages say to which a link leads; imported by them, so that whoever signs in does not load it. */
import i18next from 'i18next';
import { enLinks } from './en-links.ts';

i18next.addResourceBundle('en', 'portal', enLinks, true);
