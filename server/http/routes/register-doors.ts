import type { FastifyInstance } from 'fastify';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { registerAgentRoute } from '#server/http/agent-route.ts';
import type { Services } from '#server/kernel/services.ts';
import type { Ingest } from '#server/ingest/store-events.ts';
import { actionRoutes } from './actions.ts';
import type { ControlHub } from '#server/containment/control-hub.ts';
import { controlRoutes } from './control.ts';
import { guardRoute, type ScanParts } from './guard.ts';
import { eventsRoute } from './events.ts';
import { leaseRoutes } from './leases.ts';
import { oauthRoutes } from './oauth.ts';
import { otlpRoutes } from './otlp.ts';
import { registerSecurityEvents } from './security-events.ts';
import { serviceReadRoutes } from './service-reads.ts';
import { stopRoutes } from './stops.ts';
import type { BrokerTools } from '#server/credentials/broker-tools.ts';

/** What the doors need, made once per server. */
export interface DoorParts {
  readonly ingest: Ingest;
  readonly hold: HoldTools;
  readonly control: ControlHub;
  readonly scan: ScanParts;
  readonly broker: BrokerTools;
}

/** Every machine door, in one place: what is not registered here does not exist. */
export function registerDoors(app: FastifyInstance, services: Services, parts: DoorParts): void {
  const { ingest, hold, control, scan, broker } = parts;
  const routes = [
    ...otlpRoutes(ingest),
    eventsRoute(ingest),
    ...serviceReadRoutes(),
    ...actionRoutes(hold),
    ...controlRoutes(control),
    ...stopRoutes(),
    ...leaseRoutes(hold),
    ...oauthRoutes(hold),
    guardRoute(scan),
  ];
  for (const route of routes) registerAgentRoute(app, services, route);
  registerSecurityEvents(app, services, broker.innerHosts);
}
