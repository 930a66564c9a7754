import { Button, Group, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/api-error.ts';
import { MissingCode } from '../app/whole-page.ts';
import { MissingCodeProblem } from './missing-code-problem.tsx';
import classes from './page-state.module.css';

type Properties = { readonly error: unknown; readonly onRetry?: () => void };

/** PageProblem is a page that could not be shown: what happened, what to do, and under which request the controller's log has it. */
export function PageProblem({ error, onRetry }: Properties) {
  const { t } = useTranslation();
  const ofApi = error instanceof ApiError;
  if (error instanceof MissingCode) return <MissingCodeProblem />;
  return (
    <main className={classes.problem} role="alert">
      <Title order={1}>{ofApi && error.status === 404 ? t('problem.notThere') : t('problem.title')}</Title>
      <Text>{ofApi ? error.message : t('problem.ofPortal')}</Text>
      {!ofApi && error instanceof Error && (
        <Text size="sm" c="dimmed">
          {error.message}
        </Text>
      )}
      {ofApi && error.requestId !== null && (
        <Text size="sm" c="dimmed">
          {t('problem.request')} <code>{error.requestId}</code>
        </Text>
      )}
      <Group gap="sm">
        {onRetry !== undefined && <Button onClick={onRetry}>{t('problem.retry')}</Button>}
        <Button variant="default" component="a" href="/">
          {t('problem.start')}
        </Button>
      </Group>
    </main>
  );
}
