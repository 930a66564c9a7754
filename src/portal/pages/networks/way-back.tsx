import { Button, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/api-error.ts';
import { FormFailure } from '../../parts/form-failure.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { CheckLine } from './check-line.tsx';
import { verifiedQuery } from './checks-query.ts';
import classes from './networks.module.css';

/** WayBack says whether answers of the LAN find their way to each connector, as packets have shown it, and looks again when asked. */
export function WayBack({ networkId }: { readonly networkId: string }) {
  const { t } = useTranslation();
  const { data, error, isFetching, refetch } = useQuery(verifiedQuery(networkId));
  if (error instanceof ApiError) return <FormFailure failure={error} />;
  if (data === undefined) return <PageLoader />;
  if (data.connectors.length === 0) return null;
  return (
    <>
      <Title order={2}>{t('checks.title')}</Title>
      <ul className={classes.checklist} aria-label={t('checks.title')}>
        {data.connectors.flatMap(({ connectorId, connectorName, checks }) =>
          checks
            .filter(({ kind }) => kind === 'way-back')
            .map((check) => (
              <li key={connectorId}>
                <ObjectName name={connectorName} /> <CheckLine check={check} />
              </li>
            )),
        )}
      </ul>
      <div>
        <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
          {t('checks.again')}
        </Button>
      </div>
    </>
  );
}
