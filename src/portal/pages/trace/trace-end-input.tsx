import { TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { networkRoutes } from '../../../contract/api/network.ts';
import { userRoutes } from '../../../contract/api/user.ts';
import { asking } from '../../api/ask.ts';
import { searchedText, traceEnds } from './trace-ends.ts';

/** Networks and users that are suggested at once; typing finds the others. */
const most = 20;

type Properties = {
  readonly label: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly placeholder: string;
  readonly onChange: (value: string) => void;
  readonly autoFocus?: boolean;
};

/** TraceEndInput asks for one end of a flow; the server searches what is suggested for what has been typed. */
export function TraceEndInput({ onChange, ...properties }: Properties) {
  const list = useId();
  const query = { q: searchedText(properties.value), size: most };
  const networks = useQuery({
    ...asking(networkRoutes.list, { query: { ...query, sort: 'name' } }),
    placeholderData: keepPreviousData,
  });
  const users = useQuery({
    ...asking(userRoutes.list, { query: { ...query, sort: 'username' } }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <TextInput
        {...properties}
        onChange={(event) => onChange(event.currentTarget.value)}
        list={list}
        autoCapitalize="none"
        spellCheck={false}
      />
      <datalist id={list}>
        {traceEnds(networks.data?.content ?? [], users.data?.content ?? []).map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </datalist>
    </>
  );
}
