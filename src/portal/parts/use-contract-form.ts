import { useRef, useState } from 'react';
import type { FocusEvent, FormEvent } from 'react';
import type { z } from 'zod';
import { ApiError } from '../api/api-error.ts';
import { problemsByField } from './field-problems.ts';

type Texts = Readonly<Record<string, string>>;

type Options<Schema extends z.ZodObject> = {
  readonly schema: Schema;
  readonly initial: z.input<Schema>;
  /** What the fields are called on the page. */
  readonly labels: Texts;
  /** Rejections with ApiError are shown: under their field where it is one of the form, else above the button. */
  readonly submit: (values: z.output<Schema>) => Promise<unknown>;
  /** Fields of the API that are called otherwise in this form. */
  readonly fieldOf?: Texts;
};

/** FieldProperties go to an input of Mantine's: `<TextInput {...form.field('name')} />`. */
export type FieldProperties<Value> = {
  readonly label: string;
  readonly name: string;
  readonly value: Value;
  readonly error: string | undefined;
  readonly onChange: (event: { readonly currentTarget: { readonly value: string } }) => void;
  readonly onBlur: (event: FocusEvent) => void;
};

/**
 * useContractForm is a form over a schema of the contract. A field is judged while it is typed in, from the first time that it was left, and
 * all of them when the form is sent; then the first wrong one gets the focus.
 */
export function useContractForm<const Schema extends z.ZodObject>({
  schema,
  initial,
  labels,
  submit,
  fieldOf = {},
}: Options<Schema>) {
  type Values = z.input<Schema>;
  const element = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState<Values>(initial);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<Texts>({});
  const [failure, setFailure] = useState<ApiError | undefined>(undefined);
  const [isSending, setSending] = useState(false);
  const problems = problemsByField(schema, values, labels);

  const set = <Name extends keyof Values & string>(name: Name, value: Values[Name]): void => {
    setValues((before) => ({ ...before, [name]: value }));
    // What the controller said was about another value.
    setRefused(({ [name]: _outdated, ...others }) => others);
    setFailure(undefined);
  };

  const field = <Name extends keyof Values & string>(name: Name): FieldProperties<NonNullable<Values[Name]>> => ({
    label: labels[name] ?? name,
    name,
    // An input that may stay empty is empty; what is not given at all is something that only programs say.
    value: values[name] ?? ('' as NonNullable<Values[Name]>),
    error: refused[name] ?? (left.has(name) ? problems[name] : undefined),
    onChange: (event) => set(name, event.currentTarget.value as Values[Name]),
    onBlur: ({ relatedTarget }) => {
      // An error that appears moves the button from under the pointer, and the click is lost: sending judges all fields anyway.
      if (!(relatedTarget instanceof HTMLButtonElement)) setLeft((before) => new Set([...before, name]));
    },
  });

  const showFirst = (names: readonly string[]): void => {
    const first = names.map((name) => element.current?.elements.namedItem(name)).find((found) => found instanceof HTMLElement);
    if (first instanceof HTMLElement) first.focus();
  };

  const send = async (): Promise<void> => {
    setLeft(new Set(Object.keys(schema.shape)));
    const parsed = schema.safeParse(values);
    if (!parsed.success) return showFirst(Object.keys(problems));
    setSending(true);
    setFailure(undefined);
    try {
      await submit(parsed.data);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const ofFields = Object.fromEntries(
        error.details
          .map(({ field: name, message }) => [fieldOf[name] ?? name, message] as const)
          .filter(([name]) => Object.hasOwn(schema.shape, name)),
      );
      setRefused(ofFields);
      setFailure(Object.keys(ofFields).length === 0 ? error : undefined);
      showFirst(Object.keys(ofFields));
    } finally {
      setSending(false);
    }
  };

  return {
    values,
    set,
    field,
    failure,
    isSending,
    /** What would be sent; undefined while something of it is wrong. */
    valid: (): z.output<Schema> | undefined => schema.safeParse(values).data,
    /** Empties the form, as it was at first. */
    clear: () => {
      setValues(initial);
      setLeft(new Set());
    },
    /** For the `<form>`. */
    form: {
      ref: element,
      noValidate: true,
      onSubmit: (event: FormEvent) => {
        event.preventDefault();
        void send();
      },
    },
  };
}
