import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './page-state.module.css';

type Properties = {
  readonly title: string;
  /** One sentence: what the thing is for. */
  readonly children: ReactNode;
  readonly action?: ReactNode;
};

/** EmptyState stands in place of a list that has nothing yet, and says what would be in it. */
export function EmptyState({ title, children, action }: Properties) {
  return (
    <div className={classes.empty}>
      <Title order={2}>{title}</Title>
      <Text c="dimmed" className={classes.emptyText}>
        {children}
      </Text>
      {action}
    </div>
  );
}
