/** Read, then out: the way a credential takes. */
export const secretReadThenSent = `
title: Something sent out after a secret was read
name: secret-read-then-sent
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c1d
status: stable
level: low
description: >-
  Within half an hour of one trace a tool returned a credential, or the agent fetched one from a
  store, and afterwards the agent sent something out. The credential itself need not be recognisable
  in it.
tags: [owasp.asi03, owasp-llm2026.llm02, atlas.aml.t0098, atlas.aml.t0086]
falsepositives:
  - Agents that fetch a key in order to call the service that it belongs to
correlation:
  type: temporal_ordered
  rules: [secret-read, sent-out]
  group-by: [trace.id]
  timespan: 30m
signalbox:
  tests:
    hits:
      - - { event.kind: tool_call, finding.output.types: [secret] }
        - { event.kind: tool_call, tool.effect_class: outbound }
      - - { event.kind: tool_call, gen_ai.tool.name: get_secret }
        - { $after_ms: 60000, event.kind: tool_call, tool.effect_class: outbound }
      - - { event.kind: tool_call, finding.output.types: [pii, secret] }
        - { event.kind: tool_call, tool.effect_class: read }
        - { event.kind: tool_call, tool.effect_class: outbound }
    misses:
      - - { event.kind: tool_call, tool.effect_class: outbound }
        - { event.kind: tool_call, finding.output.types: [secret] }
      - - { event.kind: tool_call, finding.output.types: [secret] }
        - { $after_ms: 1800000, event.kind: tool_call, tool.effect_class: outbound }
      - - { event.kind: tool_call, finding.output.types: [secret] }
        - { event.kind: tool_call, tool.effect_class: outbound, trace.id: another }
      - - { event.kind: tool_call, finding.output.types: [secret] }
        - { event.kind: tool_call, tool.effect_class: write }
---
title: Secret read
name: secret-read
logsource: { product: ai_agent, category: tool_call }
detection:
  returned:
    finding.output.types: secret
  fetched:
    gen_ai.tool.name: [get_secret, read_secret, get_credential, get_password]
  condition: returned or fetched
---
title: Sent out
name: sent-out
logsource: { product: ai_agent, category: tool_call }
detection:
  sent:
    tool.effect_class: outbound
  condition: sent
`;
