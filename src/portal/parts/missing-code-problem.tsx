import { Button, Group, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isThere } from '../api/is-there.ts';
import classes from './page-state.module.css';

const every_ms = 1_000;
/** What is still missing after a page was loaded anew is not waited for: a controller that answers without it is broken. */
const oncePer_ms = 30_000;
const key = 'causeway.loaded-anew';

/**
 * MissingCodeProblem stands where a page could not be loaded, and loads the address anew when the controller answers: browsers keep the failure of
 * an import, and after an upgrade the parts have other names.
 */
export function MissingCodeProblem() {
  const { t } = useTranslation();
  useEffect(() => {
    let timer: number | undefined;
    const look = async () => {
      const last = Number(sessionStorage.getItem(key) ?? 0);
      if (Date.now() - last > oncePer_ms && (await isThere())) {
        sessionStorage.setItem(key, String(Date.now()));
        window.location.reload();
        return;
      }
      timer = window.setTimeout(() => void look(), every_ms);
    };
    void look();
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <main className={classes.problem} role="alert">
      <Title order={1}>{t('problem.title')}</Title>
      <Text>{t('problem.missingCode')}</Text>
      <Group gap="sm">
        <Button onClick={() => window.location.reload()}>{t('problem.retry')}</Button>
      </Group>
    </main>
  );
}
