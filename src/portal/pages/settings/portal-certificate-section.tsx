import { Button, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { portalCertificateRoutes } from '../../../contract/api/portal-certificate.ts';
import { asking } from '../../api/ask.ts';
import { useSession } from '../../app/session-context.ts';
import { Address } from '../../parts/address.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { saveFile } from '../../parts/save-file.ts';
import classes from './settings.module.css';

/** PortalCertificateSection is what to compare with what a browser shows, and what a name or a trusted certificate would make possible. */
export function PortalCertificateSection() {
  const { t, i18n } = useTranslation();
  const { server } = useSession();
  const { data, error, refetch } = useQuery(asking(portalCertificateRoutes.read));
  const day = (at: string) => new Date(at).toLocaleDateString(i18n.language, { dateStyle: 'long' });
  const authority = data?.kind === 'own-authority' ? data.authority : undefined;
  return (
    <section className={classes.section}>
      <Title order={2}>{t('settings.certificate')}</Title>
      {error !== null && <PageProblem error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <dl className={classes.facts}>
          <dt>{t('settings.certificateKind')}</dt>
          <dd>{t(`settings.certificateKinds.${data.kind}`)}</dd>
          <dt>{t('settings.certificateFor')}</dt>
          <dd>
            <Address value={data.hostname} />
          </dd>
          <dt>{t('settings.certificateUntil')}</dt>
          <dd>{day(data.validUntil)}</dd>
          <dt>{t('settings.certificateSha')}</dt>
          <dd className={classes.fingerprint}>{breaking(data.sha256)}</dd>
          {authority !== undefined && (
            <>
              <dt>{t('settings.authoritySha')}</dt>
              <dd className={classes.fingerprint}>{breaking(authority.sha256)}</dd>
              <dt>{t('settings.authorityUntil')}</dt>
              <dd>{day(authority.validUntil)}</dd>
            </>
          )}
        </dl>
      )}
      {!server.isTrusted && <Text size="sm">{t('settings.certificateNeeds.trust')}</Text>}
      {!server.allowsPasskeys && <Text size="sm">{t('settings.certificateNeeds.name')}</Text>}
      {server.isTrusted && server.allowsPasskeys && (
        <Text size="sm" c="dimmed">
          {t('settings.certificateNeeds.nothing')}
        </Text>
      )}
      {authority !== undefined && (
        <div className={classes.buttons}>
          <Button variant="default" onClick={() => saveFile('ca.crt', authority.pem, 'application/x-x509-ca-cert')}>
            {t('settings.certificateDownload')}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Lines end between bytes, as they are compared. */
function breaking(fingerprint: string) {
  return fingerprint.split(':').map((byte, index) => (
    // oxlint-disable-next-line no-array-index-key -- bytes have nothing else, and never change
    <Fragment key={index}>
      {index > 0 && (
        <>
          :<wbr />
        </>
      )}
      {byte}
    </Fragment>
  ));
}
