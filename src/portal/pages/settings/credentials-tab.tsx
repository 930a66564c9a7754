import { Button, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedApiCredential } from '../../../contract/api/api-credential.ts';
import { apiCredentialRoutes } from '../../../contract/api/api-credential.ts';
import { asking } from '../../api/ask.ts';
import { call } from '../../api/call.ts';
import { Address } from '../../parts/address.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import tableClasses from '../../parts/table.module.css';
import { Table } from '../../parts/table.tsx';

const route = getRouteApi('/settings');

/** CredentialsTab lists with what programs prove who they are; revoking one ends its access tokens at once. */
export function CredentialsTab() {
  const { t } = useTranslation();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const [revoked, setRevoked] = useState<ListedApiCredential | undefined>(undefined);
  const { data, dataUpdatedAt, error, refetch } = useQuery(asking(apiCredentialRoutes.list));
  if (error !== null) return <PageProblem error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <PageLoader />;
  if (data.length === 0) {
    return (
      <EmptyState
        title={t('credentials.none')}
        action={
          <Button variant="default" onClick={() => void navigate({ search: { tab: 'credentials', panel: 'add-credential' } })}>
            {t('credentials.first')}
          </Button>
        }
      >
        {t('credentials.noneText')}
      </EmptyState>
    );
  }
  const columns = ['name', 'clientId', 'permissions', 'from', 'used', 'ends', 'madeBy'] as const;
  return (
    <>
      <Table label={t('settings.tabs.credentials')} columns={[...columns.map((each) => t(`credentials.${each}`)), '']}>
        {data.map((credential) => (
          <CredentialRow
            key={credential.id}
            credential={credential}
            now={dataUpdatedAt}
            onRevoke={() => setRevoked(credential)}
          />
        ))}
      </Table>
      {revoked !== undefined && (
        <Confirm
          title={t('credentials.revokeTitle')}
          verb={t('credentials.revoke')}
          act={async () => {
            await call(apiCredentialRoutes.remove, { params: { id: revoked.id } });
            await client.invalidateQueries({ queryKey: [apiCredentialRoutes.list.path] });
          }}
          onClose={() => setRevoked(undefined)}
        >
          <Text>
            {t('credentials.revokeText', { name: revoked.name })}{' '}
            {revoked.lastUsedAt === null ? (
              t('credentials.neverUsed')
            ) : (
              <>
                {t('credentials.lastUsed')} <RelativeTime at={revoked.lastUsedAt} />.
              </>
            )}
          </Text>
        </Confirm>
      )}
    </>
  );
}

type RowProperties = { readonly credential: ListedApiCredential; readonly now: number; readonly onRevoke: () => void };

function CredentialRow({ credential, now, onRevoke }: RowProperties) {
  const { t } = useTranslation();
  const { name, clientId, permissions, allowedPrefixes, lastUsedAt, expiresAt, createdAt, createdBy } = credential;
  const isOver = expiresAt !== null && Date.parse(expiresAt) <= now;
  return (
    <tr>
      <td>
        <span className={tableClasses.name}>
          <ObjectName name={name} />
        </span>
      </td>
      <td>
        <Address value={clientId} />
      </td>
      <td>
        {permissions.includes('all:modify') ? (
          t('credentials.everything')
        ) : (
          <div className={tableClasses.several}>
            {permissions.map((each) => (
              <code key={each}>{each}</code>
            ))}
          </div>
        )}
      </td>
      <td>
        {allowedPrefixes.length === 0 ? (
          t('credentials.anywhere')
        ) : (
          <div className={tableClasses.several}>
            {allowedPrefixes.map((prefix) => (
              <Address key={prefix} value={prefix} />
            ))}
          </div>
        )}
      </td>
      <td className={tableClasses.line}>{lastUsedAt === null ? t('credentials.never') : <RelativeTime at={lastUsedAt} />}</td>
      <td className={tableClasses.line}>
        {isOver ? (
          <StateMark state="down" word={t('credentials.over')} />
        ) : expiresAt === null ? (
          t('credentials.never')
        ) : (
          <RelativeTime at={expiresAt} />
        )}
      </td>
      <td className={tableClasses.line}>
        <bdi>{createdBy}</bdi>, <RelativeTime at={createdAt} />
      </td>
      <td>
        <div className={tableClasses.actions}>
          <Button variant="default" size="compact-sm" onClick={onRevoke}>
            {t('credentials.revoke')}
          </Button>
        </div>
      </td>
    </tr>
  );
}
