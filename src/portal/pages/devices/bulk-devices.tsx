import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceDetails } from '../../../contract/api/device-details.ts';
import type { Cut } from './cut-devices.tsx';
import { CutDevices } from './cut-devices.tsx';

type Properties = { readonly selected: readonly DeviceDetails[]; readonly onDone: () => void };

/** BulkDevices does the same to all devices that are selected. */
export function BulkDevices({ selected, onDone }: Properties) {
  const { t } = useTranslation();
  const [cut, setCut] = useState<Cut | undefined>(undefined);
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => setCut('revoke')}>
        {t('devices.revoke')}
      </Button>
      <Button variant="default" size="compact-sm" onClick={() => setCut('remove')}>
        {t('devices.remove')}
      </Button>
      {cut !== undefined && <CutDevices cut={cut} devices={selected} onClose={() => setCut(undefined)} onDone={onDone} />}
    </>
  );
}
