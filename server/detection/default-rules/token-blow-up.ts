/** The bill comes later than the alert. */
export const tokenBlowUp = `
title: Tokens out of proportion
name: token-blow-up
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c2b
status: stable
level: medium
description: >-
  One trace has used twenty million tokens, or a single model call more than a million.
tags: [owasp.asi08, owasp-llm2026.llm06, atlas.aml.t0034.002]
falsepositives:
  - Agents that work for days in one trace, mostly from the cache
logsource: { product: ai_agent, category: llm_call }
detection:
  trace:
    trace.total_tokens|gte: 20000000
  call:
    gen_ai.usage.total_tokens|gt: 1000000
  condition: trace or call
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: llm_call, trace.total_tokens: 20000000 }]
      - [{ event.kind: llm_call, gen_ai.usage.total_tokens: 1000001 }]
      - [{ event.kind: llm_call, trace.total_tokens: 90000000, gen_ai.usage.total_tokens: 5 }]
    misses:
      - [{ event.kind: llm_call, trace.total_tokens: 19999999 }]
      - [{ event.kind: llm_call, gen_ai.usage.total_tokens: 1000000 }]
      - [{ event.kind: tool_call, trace.total_tokens: 90000000 }]
      - [{ event.kind: llm_call }]
`;
