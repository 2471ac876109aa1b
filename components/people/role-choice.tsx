'use client';

import { type Role, roleMeanings, roles } from '#server/auth/states/contract.ts';
import { Checkbox } from '../ui/checkbox.tsx';

/** Which roles a person holds, each with what it allows; one person may hold several. */
export function RoleChoice(props: {
  readonly chosen: readonly Role[];
  readonly onChange: (roles: readonly Role[]) => void;
  readonly error?: string | null;
}) {
  const hasError = props.error !== undefined && props.error !== null;
  return (
    <fieldset
      className="flex flex-col gap-2"
      aria-describedby={hasError ? 'roles-error' : undefined}
    >
      <legend className="mb-1.5 text-xs font-medium text-ink-muted">Roles</legend>
      {roles.map((role) => (
        <Checkbox
          key={role}
          name={`role-${role}`}
          isChecked={props.chosen.includes(role)}
          onChange={(isChecked) =>
            props.onChange(
              roles.filter((one) => (one === role ? isChecked : props.chosen.includes(one))),
            )
          }
        >
          <span className="font-medium">{role}</span>{' '}
          <span className="text-ink-muted">– {roleMeanings[role]}</span>
        </Checkbox>
      ))}
      {hasError ? (
        <p id="roles-error" role="alert" className="text-xs text-critical">
          {props.error}
        </p>
      ) : null}
    </fieldset>
  );
}
