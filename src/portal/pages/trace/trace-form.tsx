import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { traceRequest } from '../../../contract/api/trace.ts';
import type { TraceRequest } from '../../../contract/api/trace.ts';
import { protocols } from '../../../core/trace/packet.ts';
import { problemsByField } from '../../parts/field-problems.ts';
import { TraceEndInput } from './trace-end-input.tsx';
import type { TraceSearch } from './trace-search.ts';
import classes from './trace.module.css';

type Properties = {
  readonly search: TraceSearch;
  readonly isAsking: boolean;
  readonly onAsk: (request: TraceRequest) => void;
};

/** TraceForm is one line: from, to, protocol and port. Enter asks. */
export function TraceForm({ search, isAsking, onAsk }: Properties) {
  const { t } = useTranslation();
  const [source, setSource] = useState(search.from ?? '');
  const [destination, setDestination] = useState(search.to ?? '');
  const [protocol, setProtocol] = useState<TraceRequest['protocol']>(search.proto ?? 'tcp');
  const [port, setPort] = useState(search.port ?? '');
  const [isSent, setSent] = useState(false);
  const question = {
    source: source.trim(),
    destination: destination.trim(),
    protocol,
    ...(protocol === 'icmp' || port.trim() === '' ? {} : { port: Number(port) }),
  };
  const labels = { source: t('trace.from'), destination: t('trace.to'), port: t('trace.port') };
  const problems = isSent ? problemsByField(traceRequest, question, labels) : {};
  return (
    <form
      className={classes.form}
      role="search"
      aria-label={t('trace.title')}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setSent(true);
        const parsed = traceRequest.safeParse(question);
        if (parsed.success && !isAsking) onAsk(parsed.data);
      }}
    >
      <TraceEndInput
        label={labels.source}
        value={source}
        error={problems['source']}
        placeholder={t('trace.fromHint')}
        onChange={setSource}
        autoFocus={source === ''}
      />
      <TraceEndInput
        label={labels.destination}
        value={destination}
        error={problems['destination']}
        placeholder={t('trace.toHint')}
        onChange={setDestination}
      />
      <NativeSelect
        label={t('trace.protocol')}
        value={protocol}
        data={protocols.map((value) => ({ value, label: value.toUpperCase() }))}
        onChange={(event) => setProtocol(event.currentTarget.value as TraceRequest['protocol'])}
      />
      <TextInput
        label={labels.port}
        value={protocol === 'icmp' ? '' : port}
        error={problems['port']}
        placeholder={protocol === 'udp' ? '53' : '443'}
        inputMode="numeric"
        disabled={protocol === 'icmp'}
        onChange={(event) => setPort(event.currentTarget.value)}
      />
      <Button type="submit" loading={isAsking} className={classes.submit}>
        {t('trace.submit')}
      </Button>
    </form>
  );
}
