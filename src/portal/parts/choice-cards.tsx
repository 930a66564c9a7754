import { Text } from '@mantine/core';
import { useId } from 'react';
import type { ReactNode } from 'react';
import classes from './choice-cards.module.css';

type Choice<Value extends string> = {
  readonly value: Value;
  readonly word: string;
  /** What it means, a line each. */
  readonly lines: readonly string[];
  readonly note?: ReactNode;
};

type Properties<Value extends string> = {
  readonly legend: string;
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  readonly onChange: (value: Value) => void;
};

/** ChoiceCards is a choice of few things that are worth a sentence each. */
export function ChoiceCards<Value extends string>({ legend, value, choices, onChange }: Properties<Value>) {
  const name = useId();
  return (
    <fieldset className={classes.cards}>
      <legend>{legend}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className={classes.card}>
          <input type="radio" name={name} checked={value === choice.value} onChange={() => onChange(choice.value)} />
          <span className={classes.words}>
            <Text component="span" fw={600}>
              {choice.word}
            </Text>
            {choice.lines.map((line) => (
              <Text component="span" key={line} size="sm">
                {line}
              </Text>
            ))}
            {choice.note !== undefined && (
              <Text component="span" size="sm" c="dimmed">
                {choice.note}
              </Text>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
