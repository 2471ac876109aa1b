/** Trying the handles of a corridor. */
export const permissionProbing = `
title: One door after the other tried
name: permission-probing
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c28
status: stable
level: medium
description: >-
  Within five minutes of one trace the agent was refused for lack of permission by four or more
  different tools.
tags: [owasp.asi03, owasp.asi10, atlas.aml.t0053, atlas.aml.t0084]
falsepositives:
  - A credential without the rights that the whole task needs
correlation:
  type: value_count
  rules: [refused-by-tool]
  group-by: [trace.id]
  timespan: 5m
  condition: { field: gen_ai.tool.name, gte: 4 }
signalbox:
  tests:
    hits:
      - - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t0, error: 'access denied' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t1, error: 'access denied' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t2, error: 'access denied' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t3, error: 'access denied' }
      - - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t0, error: 'HTTP 403 Forbidden' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t1, error: 'HTTP 403 Forbidden' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t2, error: 'HTTP 403 Forbidden' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t3, error: 'HTTP 403 Forbidden' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t4, error: 'HTTP 403 Forbidden' }
      - - { $after_ms: 60000, event.kind: tool_call, event.status: error, gen_ai.tool.name: t0, error: [x, 'Not authorized'] }
        - { $after_ms: 60000, event.kind: tool_call, event.status: error, gen_ai.tool.name: t1, error: [x, 'Not authorized'] }
        - { $after_ms: 60000, event.kind: tool_call, event.status: error, gen_ai.tool.name: t2, error: [x, 'Not authorized'] }
        - { $after_ms: 60000, event.kind: tool_call, event.status: error, gen_ai.tool.name: t3, error: [x, 'Not authorized'] }
    misses:
      - - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t0, error: 'access denied' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t1, error: 'access denied' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t2, error: 'access denied' }
      - [{ $repeat: 9, $every_ms: 100, event.kind: tool_call, event.status: error, gen_ai.tool.name: t, error: forbidden }]
      - - { $after_ms: 120000, event.kind: tool_call, event.status: error, gen_ai.tool.name: t0, error: forbidden }
        - { $after_ms: 120000, event.kind: tool_call, event.status: error, gen_ai.tool.name: t1, error: forbidden }
        - { $after_ms: 120000, event.kind: tool_call, event.status: error, gen_ai.tool.name: t2, error: forbidden }
        - { $after_ms: 120000, event.kind: tool_call, event.status: error, gen_ai.tool.name: t3, error: forbidden }
      - - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t0, error: 'no such file' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t1, error: 'no such file' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t2, error: 'no such file' }
        - { event.kind: tool_call, event.status: error, gen_ai.tool.name: t3, error: 'no such file' }
---
title: Refused by a tool
name: refused-by-tool
logsource: { product: ai_agent, category: tool_call }
detection:
  failed:
    event.status: error
    error|contains: ['permission denied', 'access denied', forbidden, unauthorized, 'not authorized', 'not permitted', 'denied by policy', 'insufficient permission']
  condition: failed
`;
