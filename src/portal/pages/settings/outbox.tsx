import { Button, NativeSelect, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Mail } from '../../../contract/api/mail.ts';
import { mailRoutes, mailStates } from '../../../contract/api/mail.ts';
import { ApiError } from '../../api/api-error.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FormFailure } from '../../parts/form-failure.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import type { ShownState } from '../../parts/state-mark.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';
import classes from './settings.module.css';

const route = getRouteApi('/settings');
const marks = { queued: 'pending', sent: 'up', failed: 'down', withdrawn: 'unknown' } as const satisfies Record<
  Mail['state'],
  ShownState
>;
const size = 50;

/** Outbox lists mails, the newest first: what waits, what was refused, and why. */
export function Outbox() {
  const { t } = useTranslation();
  const { state, page = 1 } = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error } = useQuery({
    ...asking(mailRoutes.list, { query: { size, page: page - 1, ...(state === undefined ? {} : { state }) } }),
    refetchInterval: 5_000,
  });
  const goTo = (to: number) => void navigate({ search: (before) => ({ ...before, page: to === 1 ? undefined : to }) });
  return (
    <section className={classes.section}>
      <div className={classes.heading}>
        <Title order={2}>{t('outbox.title')}</Title>
        <NativeSelect
          aria-label={t('outbox.filter')}
          value={state ?? ''}
          data={[
            { value: '', label: t('outbox.all') },
            ...mailStates.map((value) => ({ value, label: t(`outbox.states.${value}`) })),
          ]}
          onChange={(event) => {
            const wanted = mailStates.find((each) => each === event.currentTarget.value);
            void navigate({ search: (before) => ({ ...before, state: wanted, page: undefined }), replace: true });
          }}
        />
      </div>
      <FormFailure failure={error instanceof ApiError ? error : undefined} />
      {data === undefined && error === null && <PageLoader />}
      {data?.content.length === 0 && <EmptyState title={t('outbox.none')}>{t('outbox.noneText')}</EmptyState>}
      {data !== undefined && data.content.length > 0 && (
        <Table
          label={t('outbox.title')}
          columns={[
            ...(['recipient', 'kind', 'state', 'attempts', 'answer', 'when'] as const).map((each) => t(`outbox.${each}`)),
            '',
          ]}
        >
          {data.content.map((mail) => (
            <MailRow key={mail.id} mail={mail} />
          ))}
        </Table>
      )}
      {data !== undefined && data.totalPages > 1 && (
        <div className={classes.buttons}>
          <Button variant="default" disabled={page === 1} onClick={() => goTo(page - 1)}>
            {t('outbox.newer')}
          </Button>
          <span>{t('outbox.pageOf', { page, all: data.totalPages })}</span>
          <Button variant="default" disabled={page >= data.totalPages} onClick={() => goTo(page + 1)}>
            {t('outbox.older')}
          </Button>
        </div>
      )}
    </section>
  );
}

function MailRow({ mail }: { readonly mail: Mail }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: async () => await call(mailRoutes.retry, { params: { id: mail.id } }),
    onSettled: async () => await client.invalidateQueries({ queryKey: [mailRoutes.list.path] }),
  });
  const refused = retry.error instanceof ApiError ? retry.error.message : undefined;
  return (
    <tr>
      <td>
        <div className={tableClasses.text}>
          <bdi>{mail.recipient}</bdi>
        </div>
      </td>
      <td>{t(`outbox.kinds.${mail.kind}`)}</td>
      <td>
        <StateMark state={marks[mail.state]} word={t(`outbox.states.${mail.state}`)} />
      </td>
      <td>{mail.attempts}</td>
      <td>
        <div className={tableClasses.text}>
          <bdi>{refused ?? mail.lastAnswer ?? '–'}</bdi>
        </div>
      </td>
      <td className={tableClasses.line}>
        {mail.nextAttemptAt === null ? (
          <RelativeTime at={mail.settledAt ?? mail.createdAt} />
        ) : (
          <>
            {t('outbox.next')} <RelativeTime at={mail.nextAttemptAt} />
          </>
        )}
      </td>
      <td>
        {(mail.state === 'queued' || mail.state === 'failed') && (
          <div className={tableClasses.actions}>
            <Button variant="default" size="compact-sm" loading={retry.isPending} onClick={() => retry.mutate()}>
              {t('outbox.retry')}
            </Button>
          </div>
        )}
      </td>
    </tr>
  );
}
