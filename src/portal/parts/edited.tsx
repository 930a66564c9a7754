import { Alert, Button, Group, Text } from '@mantine/core';
import { Fragment, useState } from 'react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { changedFields } from './changed-fields.ts';

/** EditedField is a field that the form has: what it is called there, and its value for people where it is not one that can be read. */
type EditedField<Thing> = { readonly label: string; readonly text?: (thing: Thing) => string };

/** Save sends the fields that were changed, unless somebody else has changed one of them and nobody was told of it yet. */
export type Save = <Values extends object>(
  values: Values,
  send: (changed: Partial<Values>) => Promise<object>,
) => Promise<'saved' | 'told'>;

type Properties<Thing> = {
  /** As the list has it now: it follows what others do. */
  readonly thing: Thing;
  readonly read: () => Promise<object>;
  readonly fields: Readonly<Record<string, EditedField<Thing>>>;
  /** The form, over the object as it was when the form was opened. */
  readonly children: (base: Thing, save: Save) => ReactNode;
};

/**
 * Edited stands around a form that changes an object which others may change too. It says which fields were changed by somebody else since the
 * form was opened, and to what; whoever reads it takes that, or goes on. Only fields that were changed in the form are ever sent, so what others
 * did to other fields stays. The object is read once more before it is saved: what was not shown yet is shown first.
 */
export function Edited<Thing extends object>({ thing, read, fields, children }: Properties<Thing>) {
  const { t } = useTranslation();
  const [base, setBase] = useState(thing);
  const [version, setVersion] = useState(0);
  const [isSaving, setSaving] = useState(false);
  // What was read beside the list, until the list is newer.
  const [seen, setSeen] = useState<{ readonly beside: Thing; readonly now: Thing }>();
  const now = seen?.beside === thing ? seen.now : thing;
  const theirs = Object.keys(changedFields(base, pick(now, Object.keys(fields))));

  const save: Save = async (values, send) => {
    setSaving(true);
    try {
      const mine = changedFields(base, values);
      const newest = { ...now, ...(await read()) };
      const unseen = Object.keys(changedFields(now, pick(newest, Object.keys(mine))));
      setSeen({ beside: thing, now: newest });
      if (unseen.length > 0) return 'told';
      const saved = { ...newest, ...(await send(mine)) };
      setSeen({ beside: thing, now: saved });
      setBase(saved);
      // The form still shows what others have changed since: saved again, it would undo that.
      const others = Object.keys(fields).filter((name) => !Object.hasOwn(mine, name));
      if (Object.keys(changedFields(base, pick(newest, others))).length > 0) setVersion(version + 1);
      return 'saved';
    } finally {
      setSaving(false);
    }
  };

  return (
    <>
      {theirs.length > 0 && !isSaving && (
        <Alert variant="outline" role="status" title={t('edited.title')}>
          {theirs.map((name) => (
            <Text key={name} size="sm">
              {fields[name]?.label}: <bdi>{shown(fields[name], now, name)}</bdi>
            </Text>
          ))}
          <Text size="sm">{t('edited.text')}</Text>
          <Group>
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => {
                setBase(now);
                setVersion(version + 1);
              }}
            >
              {t('edited.take')}
            </Button>
          </Group>
        </Alert>
      )}
      <Fragment key={version}>{children(base, save)}</Fragment>
    </>
  );
}

function pick(thing: object, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(thing).filter(([name]) => names.includes(name)));
}

function shown<Thing extends object>(field: EditedField<Thing> | undefined, thing: Thing, name: string): string {
  if (field?.text !== undefined) return field.text(thing);
  const value = Object.entries(thing).find(([each]) => each === name)?.[1] as unknown;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
}
