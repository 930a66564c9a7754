import { useTranslation } from 'react-i18next';
import type { PlacedCard } from '../../../core/map-layout.ts';
import type { ShownObject } from './map-objects.ts';

/** CardWords is what a card says: its kind and name, what machines call it, and its state. */
export type CardWords = { readonly kind: string; readonly name: string; readonly address: string; readonly word: string };

/** useCardWords gives the words of a placed card: of an object, or of the group that stands for several. */
export function useCardWords(objects: ReadonlyMap<string, ShownObject>): (card: PlacedCard) => CardWords {
  const { t } = useTranslation();
  return ({ id, state, group }) => {
    if (group !== null) {
      const { label, members } = group;
      const count = members.length;
      return {
        kind: t('map.kinds.stack'),
        name: label === '' ? t('map.stackAnywhere', { count }) : t('map.stack', { count, label }),
        address: '',
        word: t(`map.states.${state}`),
      };
    }
    const object = objects.get(id);
    if (object === undefined) return { kind: '', name: '', address: '', word: '' };
    const { key, some = 0, all = 0 } = object.word;
    return {
      kind: t(`map.kinds.${object.object.kind}`),
      name: object.object.kind === 'internet' ? t('map.internet') : object.name,
      address: object.address,
      word: t(`map.words.${key}`, { some, all }),
    };
  };
}
