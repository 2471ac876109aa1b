import { type KeyKind, keyKinds, type Role, roles } from '#db/enums.ts';

export { type KeyKind, keyKinds, type Role, roles };

/** What each role may beside reading its tenant, in the words of the screens. */
export const roleMeanings: Readonly<Record<Role, string>> = {
  viewer: 'Sees everything but payloads; changes nothing.',
  analyst: 'Triages alerts and registers canaries.',
  reviewer: 'Decides held actions, once there are any.',
  responder: 'Triages alerts and reads the audit log.',
  auditor: 'Reads people, keys and the audit log; changes nothing.',
  admin: 'Manages people, keys, agents, tools and rules.',
};

/** What each kind of key is for. */
export const keyKindMeanings: Readonly<Record<KeyKind, string>> = {
  agent: 'One agent posts its own telemetry, with its identity verified.',
  ingest: 'A collector posts telemetry for the tenant; the agent in it is a claim.',
  service: 'Another system reads alerts, agents and traces.',
  enforcer: 'A tool or gateway, bound to the tools that it names.',
};
