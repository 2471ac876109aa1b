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

/** The first line of every verb and query. @throws AppError `forbidden`. */
export function requirePermission(ctx: Ctx, name: PermissionName): void {
  if (actorMay(ctx.actor, name)) return;
  const means = permissions[name].means;
  throw new AppError(
    'forbidden',
    ctx.actor.type === 'key'
      ? `A key of kind ${ctx.actor.kind} may not ${means}; use a key of another kind.`
      : `Your roles do not allow you to ${means}; ask an administrator of this tenant.`,
    { extras: { permission: name } },
  );
}
