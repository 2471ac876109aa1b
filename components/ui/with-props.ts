import { cloneElement, type ReactElement } from 'react';

type Props = Readonly<Record<string, unknown>>;

function isHandler(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}

/**
 * The same element with more properties. Where both bring a handler of one name (`onClick`) both run,
 * the element's own first; any other property of `extra` replaces what was there.
 */
export function withProps(element: ReactElement, extra: Props): ReactElement {
  const own = element.props as Props;
  const merged = Object.fromEntries(
    Object.entries(extra).map(([name, added]) => {
      const given = own[name];
      if (!name.startsWith('on') || !isHandler(added) || !isHandler(given)) return [name, added];
      const both = (...args: unknown[]) => {
        given(...args);
        added(...args);
      };
      return [name, both];
    }),
  );
  return cloneElement(element, merged);
}
