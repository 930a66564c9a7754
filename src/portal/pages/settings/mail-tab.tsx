import { Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mailRoutes } from '../../../contract/api/mail.ts';
import { asking } from '../../api/ask.ts';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { MailServerForm } from './mail-server-form.tsx';
import { MailTest } from './mail-test.tsx';
import { Outbox } from './outbox.tsx';
import classes from './settings.module.css';

/** MailTab: by which server mail is sent, and what became of it. */
export function MailTab() {
  const { t } = useTranslation();
  // A form that was forgotten begins anew; one that was saved keeps what stands in it.
  const [forgotten, setForgotten] = useState(0);
  const { data, error, refetch } = useQuery(asking(mailRoutes.readSettings));
  if (error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <PageLoader />;
  return (
    <>
      <section className={classes.section}>
        <Title order={2}>{t('mail.server')}</Title>
        <MailServerForm key={forgotten} server={data.server} onForgotten={() => setForgotten(forgotten + 1)} />
        {data.server !== null && <MailTest />}
      </section>
      <Outbox />
    </>
  );
}
