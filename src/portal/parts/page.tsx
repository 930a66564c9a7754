import { Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { useSession } from '../app/session-context.ts';
import classes from './page.module.css';
import { ObjectName } from './object-name.tsx';

type Properties = {
  readonly title: string;
  /** What the title is of: the name is then the object's. */
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** Shown on the right, beside the page, so that a list stays in view. */
  readonly panel?: ReactNode;
  readonly children: ReactNode;
};

/** Page is a page within the frame: its title (also the tab's), what can be done, the content, and the panel. */
export function Page({ title, lead, actions, panel, children }: Properties) {
  const { wpc } = useSession();
  useEffect(() => {
    document.title = `${title} · ${wpc.name}`;
  }, [title, wpc.name]);
  return (
    <div className={classes.beside} data-panel={panel === undefined ? undefined : true}>
      <main className={classes.page}>
        <header className={classes.head}>
          <div className={classes.titles}>
            <Title order={1} className={classes.title}>
              <ObjectName name={title} />
            </Title>
            {lead !== undefined && (
              <Text component="div" size="sm" c="dimmed">
                {lead}
              </Text>
            )}
          </div>
          {actions !== undefined && <div className={classes.actions}>{actions}</div>}
        </header>
        {children}
      </main>
      {panel}
    </div>
  );
}
