import type { Actor, Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import {
  keyAllows,
  type PermissionName,
  permissions,
  rolesAllow,
} from '#server/kernel/permissions.ts';

/** Whether this actor holds a permission. Pure; screens ask the same table. */
export function actorMay(actor: Actor, name: PermissionName): boolean {
  switch (actor.type) {
    case 'person':
      return rolesAllow(actor.roles, name);
    case 'key':
      return keyAllows(actor.kind, name);
    case 'cli':
      return true;
    case 'system':
      return permissions[name].system;
    case 'anonymous':
      return false;
  }
}

/**
 * Why this actor may not, in a sentence for people; null when they may. Screens show it beside what
 * they disable.
 */
export function refusalOf(actor: Actor, name: PermissionName): string | null {
  if (actorMay(actor, name)) return null;
  const means = permissions[name].means;
  return actor.type === 'key'
    ? `A key of kind ${actor.kind} may not ${means}; use a key of another kind.`
    : `Your roles do not allow you to ${means}; ask an administrator of this tenant.`;
}

/** The first line of every verb and query. @throws AppError `forbidden`. */
export function requirePermission(ctx: Pick<Ctx, 'actor'>, name: PermissionName): void {
  const refusal = refusalOf(ctx.actor, name);
  if (refusal !== null) {
    throw new AppError('forbidden', refusal, { extras: { permission: name } });
  }
}
