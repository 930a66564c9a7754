/** src/portal/frame is what surrounds every page of who is signed in: the rail on the left, the bar on top, search, the state of everything. */
import { Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorBoundary } from '../app/error-boundary.tsx';
import classes from './frame.module.css';
import { Rail } from './rail.tsx';
import { TopBar } from './top-bar.tsx';
import { useRailWidth } from './use-rail-width.ts';

/** Frame is the root of all routes. What breaks in a page leaves rail and bar where they are. */
export function Frame() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const { isNarrow, toggle } = useRailWidth();
  return (
    <div className={classes.frame} data-narrow={isNarrow || undefined}>
      <a href="#page" className={classes.skip}>
        {t('frame.skip')}
      </a>
      <Rail isOpen={isOpen} isNarrow={isNarrow} onToggleWidth={toggle} onClose={() => setOpen(false)} />
      <div className={classes.side}>
        <TopBar isRailOpen={isOpen} onOpenRail={() => setOpen(true)} />
        <div id="page" tabIndex={-1} className={classes.page}>
          <ErrorBoundary>
            <Outlet />
          </ErrorBoundary>
        </div>
      </div>
    </div>
  );
}
