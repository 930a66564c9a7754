import { Button, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostConnector } from '../../../contract/api/connector.ts';
import { hostConnectorRoutes } from '../../../contract/api/connector.ts';
import type { Host } from '../../../contract/api/host.ts';
import { hostRoutes } from '../../../contract/api/host.ts';
import { ApiError } from '../../api/api-error.ts';
import { call } from '../../api/call.ts';
import { Address } from '../../parts/address.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import formClasses from '../../parts/form.module.css';
import { FormFailure } from '../../parts/form-failure.tsx';
import { Impact, trialOf } from '../../parts/impact.tsx';
import { InternetLink } from '../../parts/internet-link.tsx';
import { ObjectName } from '../../parts/object-name.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { HostForm } from './host-form.tsx';

const route = getRouteApi('/hosts');

type Properties = { readonly host: Host; readonly onClose: () => void };

/** HostPanel is one host: what it is called, its tunnels, and deleting it. */
export function HostPanel({ host, onClose }: Properties) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = route.useNavigate();
  /** What is about to be deleted: a connector, or the host with all of them. */
  const [removed, setRemoved] = useState<HostConnector | 'host' | undefined>(undefined);
  const refresh = async () => await client.invalidateQueries({ queryKey: [hostRoutes.list.path] });
  const add = useMutation({
    // Of a further tunnel only the name is to be said, and that of the host says it.
    mutationFn: async () =>
      await call(hostConnectorRoutes.create, {
        query: { hostId: host.id },
        body: { name: `${host.name}-${String(host.connectors.length + 1)}` },
      }),
    onSettled: refresh,
  });
  const removeHost = async () => {
    await call(hostRoutes.remove, { params: { id: host.id } });
    await refresh();
    onClose();
  };
  const removeConnector = async (id: string) => {
    await call(hostConnectorRoutes.remove, { params: { id }, query: { hostId: host.id } });
    await refresh();
  };
  return (
    <Panel title={host.name} onClose={onClose}>
      <HostForm host={host} />
      <InternetLink kind="host" id={host.id} internetAccess={host.internetAccess} />
      <section className={formClasses.section} aria-labelledby="host-connectors">
        <Title order={3} id="host-connectors">
          {t('hosts.connectors')}
        </Title>
        <ul className={formClasses.lines}>
          {host.connectors.map((connector) => (
            <li key={connector.id}>
              <ObjectName name={connector.name} />
              <Address value={connector.ipV4Address} />
              <StateMark
                state={connector.connectionStatus === 'ONLINE' ? 'up' : 'down'}
                word={t(connector.connectionStatus === 'ONLINE' ? 'users.connected' : 'users.notConnected')}
              />
              <Button
                variant="default"
                size="compact-sm"
                onClick={() =>
                  void navigate({ search: (before) => ({ ...before, panel: 'install' as const, connector: connector.id }) })
                }
              >
                {t('connector.install')}
              </Button>
              <Button variant="default" size="compact-sm" onClick={() => setRemoved(connector)}>
                {t('connector.remove')}
              </Button>
            </li>
          ))}
        </ul>
        <FormFailure failure={add.error instanceof ApiError ? add.error : undefined} />
        <div className={formClasses.buttons}>
          <Button variant="default" loading={add.isPending} onClick={() => add.mutate()}>
            {t('connector.add')}
          </Button>
          <Button variant="default" onClick={() => setRemoved('host')}>
            {t('hosts.remove')}
          </Button>
        </div>
      </section>
      {removed !== undefined && (
        <Confirm
          title={t('hosts.removeTitle', { name: removed === 'host' ? host.name : removed.name })}
          verb={removed === 'host' ? t('hosts.remove') : t('connector.remove')}
          onClose={() => setRemoved(undefined)}
          act={async () => await (removed === 'host' ? removeHost() : removeConnector(removed.id))}
        >
          {removed === 'host' ? (
            <Text>{t('hosts.removeText', { name: host.name })}</Text>
          ) : (
            <Text>
              {t(host.connectors.length === 1 ? 'hosts.removeLast' : 'hosts.removeOne', { name: removed.name, host: host.name })}
            </Text>
          )}
          <Impact
            trial={
              removed === 'host'
                ? trialOf(hostRoutes.remove, { params: { id: host.id } })
                : trialOf(hostConnectorRoutes.remove, { params: { id: removed.id }, query: { hostId: host.id } })
            }
          />
        </Confirm>
      )}
    </Panel>
  );
}
