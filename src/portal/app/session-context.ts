import { createContext, use } from 'react';
import type { Person } from '../../contract/api/person.ts';
import type { WebSessionState } from '../../contract/api/web-session.ts';

/** SessionContext holds what the controller says of this browser: who is signed in, and what this installation is. */
export const SessionContext = createContext<WebSessionState | undefined>(undefined);

/** useSession reads it; throws outside of the gate. */
export function useSession(): WebSessionState {
  const session = use(SessionContext);
  if (session === undefined) throw new Error('useSession is called outside of Gate');
  return session;
}

/** usePerson gives who is signed in; throws where nobody is. */
export function usePerson(): Person {
  const { person } = useSession();
  if (person === null) throw new Error('usePerson is called where nobody is signed in');
  return person;
}
