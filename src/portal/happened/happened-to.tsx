import type { ActivityEntry } from '../../contract/api/activity.ts';
import { useHappenedWords } from './event-words.ts';
import { ObjectName } from '../parts/object-name.tsx';
import { TextLink } from '../parts/text-link.tsx';

/** The lists whose panel shows an object. */
const lists = { host: '/hosts', 'user-group': '/groups', user: '/users', device: '/devices' } as const;

function isListed(entity: string): entity is keyof typeof lists {
  return Object.hasOwn(lists, entity);
}

/** HappenedTo names what an entry is about, as a link where there is a page of it. */
export function HappenedTo({ entry }: { readonly entry: Pick<ActivityEntry, 'entity' | 'entityId' | 'name' | 'networkId'> }) {
  const { entityWord } = useHappenedWords();
  const { entity, entityId, name, networkId } = entry;
  const shown = name === null ? <code>{entityId.slice(0, 8)}</code> : <ObjectName name={name} />;
  return (
    <>
      {entityWord(entity)}{' '}
      {networkId !== null ? (
        <TextLink to="/networks/$id" params={{ id: networkId }}>
          {shown}
        </TextLink>
      ) : entity === 'trace' ? (
        <TextLink to="/trace" search={{ id: entityId }}>
          {shown}
        </TextLink>
      ) : name !== null && isListed(entity) ? (
        <TextLink to={lists[entity]} search={{ id: entityId }}>
          {shown}
        </TextLink>
      ) : (
        shown
      )}
    </>
  );
}
