import { hotQuery } from '#db/hot-query.ts';
import type { Tx } from '#db/client.ts';
import type { AgentState, EffectClass } from '#db/enums.ts';
import { unknownToolFacts } from '#server/agents/common-tools.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { schemaDigest } from '#server/permits/digest.ts';
import type { RiskInput } from '#server/policy/contract.ts';
import type { Ask } from './contract.ts';
import { readTaint } from './read-taint.ts';

/** What is known of an action before it is decided; of one snapshot, behind the gate. */
export interface AskFacts {
  readonly environment: string;
  readonly agentState: AgentState;
  readonly ownerUserId: string | null;
  /** Revoked or expired since the door looked, which it does once a second at most. */
  readonly isKeyDead: boolean;
  readonly hasPolicy: boolean;
  readonly tool: RiskInput['tool'];
  /** Names of arguments that the digest covers; null = all. */
  readonly boundFields: readonly string[] | null;
  readonly schemaDigest: string;
  /** JSON text of the schema of the tool's arguments; null for one without. */
  readonly argumentSchema: string | null;
  readonly isFirstUse: boolean;
  readonly openAlerts: number;
  readonly hasUntrustedUpstream: boolean | null;
}

interface Row {
  readonly environment: string;
  readonly agent_state: AgentState;
  readonly owner_user_id: string | null;
  readonly is_key_dead: boolean;
  readonly has_policy: boolean;
  readonly is_known: boolean;
  readonly reversibility: number | null;
  readonly sensitivity: number | null;
  readonly blast_radius: number | null;
  readonly effect_class: EffectClass | null;
  readonly load_bearing_fields: string[] | null;
  readonly schema: string | null;
  readonly has_run_before: boolean;
  readonly open_alerts: number;
}

const text = `select
  ag.environment, ag.state as agent_state, ag.owner_user_id,
  exists (select 1 from api_keys k where k.tenant_id = $1::uuid and k.id = $5::uuid
    and (k.revoked_at is not null or k.expires_at <= clock_timestamp())) as is_key_dead,
  exists (select 1 from tools where tenant_id = $1::uuid) as has_policy,
  t.id is not null as is_known, t.reversibility, t.sensitivity, t.blast_radius, t.effect_class,
  t.load_bearing_fields, t.schema::text as schema,
  exists (select 1 from permits p where p.tenant_id = $1::uuid and p.agent_id = $2::uuid
    and p.tool = $3::text and p.redeemed_at is not null) as has_run_before,
  (select count(*)::int from alerts al where al.tenant_id = $1::uuid and al.state <> 'resolved'
    and (al.agent_id = $2::uuid or al.session_id = $4::text)) as open_alerts
from agents ag
left join tools t on t.tenant_id = ag.tenant_id and t.name = $3::text
where ag.tenant_id = $1::uuid and ag.id = $2::uuid`;

/** Reads the facts of one ask, in one trip. Null when the agent is not there (any more). */
export async function readAskFacts(
  tx: Tx,
  ctx: Ctx,
  { agentId, keyId }: { readonly agentId: string; readonly keyId: string },
  ask: Ask,
): Promise<AskFacts | null> {
  const values = [
    uuidOf(ctx.tenantId),
    uuidOf(agentId),
    ask.tool,
    ask.sessionId ?? null,
    uuidOf(keyId),
  ];
  const [rows, hasUntrustedUpstream] = await Promise.all([
    hotQuery<Row>(tx, text, values),
    readTaint(tx, ctx, agentId, ask),
  ]);
  const [row] = rows;
  return row === undefined ? null : factsOf(row, ask, hasUntrustedUpstream);
}

function factsOf(row: Row, ask: Ask, hasUntrustedUpstream: boolean | null): AskFacts {
  return {
    environment: row.environment,
    agentState: row.agent_state,
    ownerUserId: row.owner_user_id === null ? null : idOf('user', row.owner_user_id),
    isKeyDead: row.is_key_dead,
    hasPolicy: row.has_policy,
    tool: toolOf(row, ask.tool),
    boundFields: row.load_bearing_fields,
    schemaDigest: digestOfSchema(row.schema),
    argumentSchema: row.schema,
    isFirstUse: !row.has_run_before,
    openAlerts: row.open_alerts,
    hasUntrustedUpstream,
  };
}

/** Of the tools table as it is at this moment; what nobody described is the worst of each. */
export function toolOf(
  row: Pick<Row, 'is_known' | 'reversibility' | 'sensitivity' | 'blast_radius' | 'effect_class'>,
  name: string,
): RiskInput['tool'] {
  const worst = unknownToolFacts;
  return {
    name,
    isKnown: row.is_known,
    reversibility: row.reversibility ?? worst.reversibility,
    sensitivity: row.sensitivity ?? worst.sensitivity,
    blastRadius: row.blast_radius ?? worst.blastRadius,
    effectClass: row.effect_class ?? worst.effectClass,
  };
}

/** Digests of schemas seen: a schema changes rarely and is hashed a thousand times a second. */
const knownSchemas = new Map<string, string>();
const knownSchemasMax = 2000;
const noSchema = schemaDigest(null);

/** {@link schemaDigest} of a schema's JSON text; null for a tool without one. */
export function digestOfSchema(schema: string | null): string {
  if (schema === null) return noSchema;
  const known = knownSchemas.get(schema);
  if (known !== undefined) return known;
  const made = schemaDigest(JSON.parse(schema));
  if (knownSchemas.size >= knownSchemasMax) knownSchemas.clear();
  knownSchemas.set(schema, made);
  return made;
}
