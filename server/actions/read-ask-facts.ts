import { hotQuery } from '#db/hot-query.ts';
import type { Tx } from '#db/client.ts';
import type { AgentState, EffectClass } from '#db/enums.ts';
import { unknownToolFacts } from '#server/agents/common-tools.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { schemaDigest } from '#server/permits/digest.ts';
import type { RiskInput } from '#server/policy/contract.ts';
import type { Ask } from './contract.ts';

/** What is known of an action before it is decided; of one snapshot, behind the gate. */
export interface AskFacts {
  readonly environment: string;
  readonly agentState: AgentState;
  readonly ownerUserId: string | null;
  /** Who made the key that asks, as the keys' list names them. */
  readonly keyCreatedBy: string | null;
  readonly hasPolicy: boolean;
  readonly tool: RiskInput['tool'];
  /** Names of arguments that the digest covers; null = all. */
  readonly boundFields: readonly string[] | null;
  readonly schemaDigest: string;
  readonly isFirstUse: boolean;
  readonly openAlerts: number;
  readonly hasUntrustedUpstream: boolean | null;
  /** An action that was asked for under the same idempotency key before. */
  readonly earlierActionId: string | null;
}

interface Row {
  readonly environment: string;
  readonly agent_state: AgentState;
  readonly owner_user_id: string | null;
  readonly key_created_by: string | null;
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
  readonly is_trace_known: boolean;
  readonly is_trace_untrusted: boolean;
  readonly is_session_known: boolean;
  readonly is_session_untrusted: boolean;
  readonly is_derived_untrusted: boolean;
  readonly earlier_action_id: string | null;
}

/**
 * One statement for everything. The log's newest events are asked beside the assembler's rows, which
 * lag behind it: what was read a moment ago taints as well. Events of the last days only, so that old
 * partitions are left alone; older ones stand in the assembler's row.
 */
const text = `select
  ag.environment, ag.state as agent_state, ag.owner_user_id,
  (select k.created_by from api_keys k where k.tenant_id = $1::uuid and k.id = $3::uuid)
    as key_created_by,
  exists (select 1 from tools where tenant_id = $1::uuid) as has_policy,
  t.id is not null as is_known, t.reversibility, t.sensitivity, t.blast_radius, t.effect_class,
  t.load_bearing_fields, t.schema::text as schema,
  exists (select 1 from permits p where p.tenant_id = $1::uuid and p.agent_id = $2::uuid
    and p.tool = $4::text and p.redeemed_at is not null) as has_run_before,
  (select count(*)::int from alerts al where al.tenant_id = $1::uuid and al.state <> 'resolved'
    and (al.agent_id = $2::uuid or al.session_id = $5::text)) as open_alerts,
  (exists (select 1 from traces tr where tr.tenant_id = $1::uuid and tr.id = $6::uuid
      and tr.agent_ids @> $7::jsonb)
    or exists (select 1 from events e where e.tenant_id = $1::uuid and e.trace_id = $6::uuid
      and e.agent_id = $2::uuid and e.received_on between current_date - 1 and current_date + 1)) as is_trace_known,
  (exists (select 1 from traces tr where tr.tenant_id = $1::uuid and tr.id = $6::uuid
      and tr.has_untrusted)
    or exists (select 1 from events e where e.tenant_id = $1::uuid and e.trace_id = $6::uuid
      and e.trust = 'untrusted' and e.received_on between current_date - 1 and current_date + 1)) as is_trace_untrusted,
  exists (select 1 from traces tr where tr.tenant_id = $1::uuid and tr.session_id = $5::text
    and tr.agent_ids @> $7::jsonb) as is_session_known,
  exists (select 1 from traces tr where tr.tenant_id = $1::uuid and tr.session_id = $5::text
    and tr.has_untrusted) as is_session_untrusted,
  exists (select 1 from event_ids i join events e on e.tenant_id = i.tenant_id
      and e.incarnation = i.incarnation and e.xid = i.xid and e.seq = i.seq
      and e.received_on = i.received_on
    where i.tenant_id = $1::uuid and i.id = any($8::text[]) and e.trust <> 'trusted')
    as is_derived_untrusted,
  (select a.id from actions a where a.tenant_id = $1::uuid and a.agent_id = $2::uuid
    and a.idempotency_key = $9::text) as earlier_action_id
from agents ag
left join tools t on t.tenant_id = ag.tenant_id and t.name = $4::text
where ag.tenant_id = $1::uuid and ag.id = $2::uuid`;

/** Reads the facts of one ask. Null when the agent is not there (any more). */
export async function readAskFacts(
  tx: Tx,
  ctx: Ctx,
  who: { readonly agentId: string; readonly keyId: string; readonly idempotencyKey: string },
  ask: Ask,
): Promise<AskFacts | null> {
  const [row] = await hotQuery<Row>(tx, text, [
    uuidOf(ctx.tenantId),
    uuidOf(who.agentId),
    uuidOf(who.keyId),
    ask.tool,
    ask.sessionId ?? null,
    ask.traceId ?? null,
    JSON.stringify([who.agentId]),
    ask.derivedFrom,
    who.idempotencyKey,
  ]);
  return row === undefined ? null : factsOf(row, ask);
}

function factsOf(row: Row, ask: Ask): AskFacts {
  return {
    environment: row.environment,
    agentState: row.agent_state,
    ownerUserId: row.owner_user_id === null ? null : idOf('user', row.owner_user_id),
    keyCreatedBy: row.key_created_by,
    hasPolicy: row.has_policy,
    tool: toolOf(row, ask.tool),
    boundFields: row.load_bearing_fields,
    schemaDigest: digestOfSchema(row.schema),
    isFirstUse: !row.has_run_before,
    openAlerts: row.open_alerts,
    hasUntrustedUpstream: taintOf(row, ask),
    earlierActionId: row.earlier_action_id === null ? null : idOf('action', row.earlier_action_id),
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

/** Untrusted as soon as anything says so; clean only when the trace is known to be this agent's. */
function taintOf(row: Row, ask: Ask): boolean | null {
  if (row.is_trace_untrusted || row.is_session_untrusted || row.is_derived_untrusted) return true;
  const isKnown = ask.traceId ? row.is_trace_known : row.is_session_known;
  return isKnown ? false : null;
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
