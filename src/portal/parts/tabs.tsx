import { createLink } from '@tanstack/react-router';
import type { ComponentProps, ReactNode } from 'react';
import classes from './tabs.module.css';

/** Tabs are the parts of a page. Each has an address, so they are links. */
export function Tabs({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <nav aria-label={label}>
      <ul className={classes.tabs}>{children}</ul>
    </nav>
  );
}

type AnchorProperties = ComponentProps<'a'> & { readonly isOpen: boolean };

/** The first tab is open where the address names none, which the router cannot know. */
function TabAnchor({ isOpen, 'aria-current': _ofRouter, ...anchor }: AnchorProperties) {
  return (
    <li>
      <a {...anchor} className={classes.tab} aria-current={isOpen ? 'page' : undefined} />
    </li>
  );
}

/** TabLink is one of them; its address is checked against the routes. */
export const TabLink = createLink(TabAnchor);
