/** src/portal/pages/devices: the list of all devices, and what is done with one: its profile, its name, cutting it off. */
import { Button } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { deviceDetailsRoutes } from '../../../contract/api/device-details.ts';
import { useListed } from '../../api/ask-list.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ObjectList } from '../../parts/list/object-list.tsx';
import { Page } from '../../parts/page.tsx';
import { PageLoader } from '../../parts/page-loader.tsx';
import { PageProblem } from '../../parts/page-problem.tsx';
import { AddDevicePanel } from './add-device-panel.tsx';
import { BulkDevices } from './bulk-devices.tsx';
import { useDeviceColumns, useDeviceFilters } from './device-columns.tsx';
import { DevicePanel } from './device-panel.tsx';

const route = getRouteApi('/devices');

export function DevicesPage() {
  const { t } = useTranslation();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, count, current: device, error, refetch } = useListed(deviceDetailsRoutes.list, search.id);
  const columns = useDeviceColumns();
  const filters = useDeviceFilters();
  if (error !== null) return <PageProblem error={error} onRetry={refetch} />;
  if (data === undefined) return <PageLoader />;
  const close = () => void navigate({ search: ({ panel: _panel, id: _id, user: _user, ...others }) => others });
  const panel = (() => {
    if (search.panel === 'add') return <AddDevicePanel username={search.user ?? ''} onClose={close} />;
    if (device !== undefined) return <DevicePanel key={device.id} device={device} onClose={close} />;
    return undefined;
  })();
  const add = (
    <Button onClick={() => void navigate({ search: ({ id: _id, ...others }) => ({ ...others, panel: 'add' as const }) })}>
      {t('devices.add')}
    </Button>
  );
  return (
    <Page title={t('devices.title')} lead={t('devices.lead')} actions={count > 0 && add} panel={panel}>
      {count === 0 ? (
        <EmptyState title={t('devices.none')} action={add}>
          {t('devices.noneText')}
        </EmptyState>
      ) : (
        <ObjectList
          label={t('devices.title')}
          list={data}
          route={deviceDetailsRoutes.list}
          columns={columns}
          filters={filters}
          idOf={({ id }) => id}
          nameOf={({ name }) => name}
          search={search}
          onSearch={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })}
          bulk={(selected, clear) => <BulkDevices selected={selected} onDone={clear} />}
        />
      )}
    </Page>
  );
}
