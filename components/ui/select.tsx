'use client';

import { Field } from '@base-ui/react/field';
import { BareSelect, type SelectOption } from './bare-select.tsx';

/**
 * One choice out of a short list, with its label, hint and error from the `<Field>` around it.
 * `<Field label="Role"><Select value={role} options={[{ value: 'viewer', label: 'Viewer' }]} onChange={setRole} /></Field>`
 */
export function Select<Value extends string>(props: {
  readonly value: Value;
  readonly options: readonly SelectOption<Value>[];
  readonly onChange: (value: Value) => void;
  readonly isDisabled?: boolean;
  readonly className?: string;
}) {
  const { options, onChange } = props;
  return (
    <Field.Control
      value={props.value}
      disabled={props.isDisabled ?? false}
      onValueChange={(value) => {
        const option = options.find((candidate) => candidate.value === value);
        if (option !== undefined) onChange(option.value);
      }}
      render={<BareSelect options={options} className={props.className} />}
    />
  );
}
