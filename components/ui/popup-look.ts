/** The frame of everything that floats: menus, lists, popovers. */
export const popupLook =
  'rounded border border-line-strong/50 bg-raised p-1 text-sm text-ink shadow-float outline-none ' +
  'origin-(--transform-origin) transition-[opacity,scale] ' +
  'data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0';

/** One line of a menu or list inside such a frame. */
export const itemLook =
  'flex min-h-8 items-center gap-2 rounded px-2 py-1 text-sm outline-none select-none pointer-coarse:min-h-11 ' +
  'data-highlighted:bg-ink/8 data-disabled:text-ink-faint [&_svg]:size-3.5 [&_svg]:shrink-0';

/** The veil behind a dialog or sheet. */
export const backdropLook =
  'fixed inset-0 z-40 bg-[oklch(0.1_0.01_240/0.55)] transition-opacity ' +
  'data-ending-style:opacity-0 data-starting-style:opacity-0';
