/** Read, then out: the way a credential takes. */
export const secretReadThenSent = `
title: Something sent out after a secret was read
name: secret-read-then-sent
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c1d
status: stable
level: low
description: >-
  A tool returned a credential to the agent, and later in the same trace the agent sent something
  out. The credential itself need not be recognisable in it.
tags: [owasp.asi03, owasp-llm2026.llm02, atlas.aml.t0098, atlas.aml.t0086]
falsepositives:
  - Agents that fetch a key in order to call the service that it belongs to
logsource: { product: ai_agent, category: tool_call }
detection:
  sent:
    tool.effect_class: outbound
    trace.found: secret
  condition: sent
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: outbound, trace.found: [secret] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, trace.found: [hidden_text, secret] }]
      - [{ event.kind: tool_call, event.status: error, tool.effect_class: outbound, trace.found: secret }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: outbound }]
      - [{ event.kind: tool_call, tool.effect_class: write, trace.found: [secret] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, trace.found: [hidden_text] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.output.types: [secret] }]
`;
