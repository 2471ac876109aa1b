/** A gate is worth what is known of the ways around it. */
export const permitBypass = `
title: Governed tool called without a permit
name: permit-bypass
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c0c
status: stable
level: high
description: >-
  Telemetry tells of a call of a governed tool for which no permit was redeemed before the call ended:
  nobody decided it. One redeemed permit covers one call. A call that another key than the agent's own
  tells of proves nothing, and counts as one without a permit.
tags: [owasp.asi02, owasp.asi03, owasp.asi10, owasp-llm2026.llm03, atlas.aml.t0053]
falsepositives:
  - An agent that redeems its permit but names neither the action nor the trace in its telemetry
  - Telemetry of a governed agent that is posted with an ingest key instead of the agent's own
logsource: { product: ai_agent, category: tool_call }
detection:
  call:
    tool.permit: [missing, unverified]
  condition: call
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ event.kind: tool_call, gen_ai.tool.name: send_money, tool.permit: missing }]
      - [{ event.kind: tool_call, gen_ai.tool.name: send_money, tool.permit: unverified, agent.identity: claimed }]
      - [{ event.kind: tool_call, event.status: error, tool.permit: missing }]
    misses:
      - [{ event.kind: tool_call, gen_ai.tool.name: send_money, tool.permit: redeemed }]
      - [{ event.kind: tool_call, gen_ai.tool.name: send_money, tool.effect_class: money }]
      - [{ event.kind: data_access, tool.permit: missing }]
`;
