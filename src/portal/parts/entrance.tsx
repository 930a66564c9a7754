import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useSession } from '../app/session-context.ts';
import mark from '../theme/causeway.svg';
import classes from './entrance.module.css';

type Properties = { readonly title: string; readonly lead?: ReactNode; readonly children: ReactNode };

/** Entrance is the page around forms for who is not signed in: one column, the name of the WPC above it. */
export function Entrance({ title, lead, children }: Properties) {
  const { wpc, server } = useSession();
  return (
    <div className={classes.page}>
      <main className={classes.column}>
        <header className={classes.name}>
          <img src={mark} alt="" className={classes.mark} />
          <Text fw={600} className={classes.wpc}>
            <bdi>{wpc.name === '' ? 'Causeway' : wpc.name}</bdi>
          </Text>
        </header>
        <div className={classes.card}>
          <Title order={1}>{title}</Title>
          {lead !== undefined && (
            <Text c="dimmed" size="sm">
              {lead}
            </Text>
          )}
          {children}
        </div>
        <Text size="xs" c="dimmed" component="footer">
          Causeway {server.version} · {server.hostname}
        </Text>
      </main>
    </div>
  );
}
