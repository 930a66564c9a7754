import { Checkbox, Text } from '@mantine/core';
import classes from './form.module.css';

type Properties = {
  readonly label: string;
  readonly description?: string | undefined;
  readonly error?: string | undefined;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
};

/** CheckList is a choice of several out of a few. What is chosen stays in the order of the choices. */
export function CheckList({ label, description, error, choices, chosen, onChange }: Properties) {
  return (
    <fieldset className={classes.checks}>
      <legend>{label}</legend>
      {description !== undefined && (
        <Text size="xs" c="dimmed">
          {description}
        </Text>
      )}
      {choices.map(({ value, label: text }) => (
        <Checkbox
          key={value}
          label={<bdi>{text}</bdi>}
          checked={chosen.includes(value)}
          onChange={({ currentTarget: { checked } }) =>
            onChange(choices.map((each) => each.value).filter((each) => (each === value ? checked : chosen.includes(each))))
          }
        />
      ))}
      {error !== undefined && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
    </fieldset>
  );
}
