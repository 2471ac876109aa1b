/** Who is refused ten times in a minute does not ask by mistake. */
export const deniedBurst = `
title: Burst of denied calls
name: denied-burst
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c27
status: stable
level: medium
description: >-
  Ten or more calls of one agent were refused within a minute, by a guardrail, a person or the tool
  itself.
tags: [owasp.asi02, owasp.asi03, owasp.asi10, atlas.aml.t0053]
falsepositives:
  - A credential that has expired under a busy agent
correlation:
  type: event_count
  rules: [denied]
  group-by: [agent.slug]
  timespan: 1m
  condition: { gte: 10 }
signalbox:
  tests:
    hits:
      - [{ $repeat: 10, $every_ms: 5000, event.kind: decision, decision.verdict: deny }]
      - [{ $repeat: 12, $every_ms: 100, event.kind: tool_call, event.status: error, error: 'Permission denied' }]
      - - { $repeat: 5, $every_ms: 100, event.kind: decision, decision.verdict: deny }
        - { $repeat: 5, $every_ms: 100, event.kind: tool_call, event.status: error, error: '403 Forbidden' }
    misses:
      - [{ $repeat: 9, $every_ms: 100, event.kind: decision, decision.verdict: deny }]
      - [{ $repeat: 20, $every_ms: 7000, event.kind: decision, decision.verdict: deny }]
      - [{ $repeat: 20, $every_ms: 100, event.kind: decision, decision.verdict: allow }]
      - [{ $repeat: 20, $every_ms: 100, event.kind: tool_call, event.status: error, error: 'not found' }]
---
title: Refused
name: denied
logsource: { product: ai_agent }
detection:
  verdict:
    event.kind: decision
    decision.verdict: deny
  failed:
    event.kind: tool_call
    event.status: error
  said:
    error|contains: ['permission denied', 'access denied', forbidden, unauthorized, 'not authorized', 'not permitted', 'denied by policy', 'insufficient permission']
  condition: verdict or (failed and said)
`;
