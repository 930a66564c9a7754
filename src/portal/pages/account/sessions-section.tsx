import { Button, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ownAccountRoutes } from '../../../contract/api/own-account.ts';
import { ApiError } from '../../api/api-error.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { Address } from '../../parts/address.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import classes from './account.module.css';

/** SessionsSection lists the browsers in which one is signed in, and ends what is not one's own. */
export function SessionsSection() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const sessions = useQuery(asking(ownAccountRoutes.sessions));
  const end = useMutation({
    mutationFn: async (id: string) => await call(ownAccountRoutes.endSession, { params: { id } }),
    onSettled: async () => await client.invalidateQueries({ queryKey: [ownAccountRoutes.sessions.path] }),
  });
  const failure = [sessions.error, end.error].find((error) => error instanceof ApiError);
  return (
    <section className={classes.section}>
      <Title order={2}>{t('sessions.title')}</Title>
      <Text size="sm" c="dimmed">
        {t('sessions.lead')}
      </Text>
      <FormFailure failure={failure} />
      {sessions.data !== undefined && (
        <div className={classes.wide}>
          <Table label={t('sessions.title')} columns={[t('sessions.browser'), t('sessions.from'), t('sessions.seen'), '']}>
            {sessions.data.map((session) => (
              <tr key={session.id}>
                <td>
                  <bdi className={tableClasses.name}>{session.userAgent}</bdi>
                </td>
                <td>{session.sourceAddress === null ? '–' : <Address value={session.sourceAddress} />}</td>
                <td>
                  <RelativeTime at={session.lastSeenAt} />
                </td>
                <td>
                  <div className={tableClasses.actions}>
                    {session.isThis ? (
                      <StateMark state="up" word={t('sessions.this')} />
                    ) : (
                      <Button variant="default" size="compact-sm" onClick={() => end.mutate(session.id)}>
                        {t('sessions.end')}
                      </Button>
                    )}
                  </div>
                </td>
              </tr>
            ))}
          </Table>
        </div>
      )}
    </section>
  );
}
