/** No ordinary work writes a hundred times in a second: a loop, or somebody in a hurry. */
export const writeBurst = `
title: Burst of writes
name: write-burst
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c07
status: stable
level: high
description: >-
  One agent wrote, sent, paid or deleted a hundred times or more within a second. Tools that are not
  registered count as writing.
tags: [owasp.asi02, owasp.asi08, owasp-llm2026.llm06, atlas.aml.t0034.002, atlas.aml.t0101]
falsepositives:
  - Bulk imports by an agent that was built for them
correlation:
  type: event_count
  rules: [write]
  group-by: [agent.slug]
  timespan: 1s
  condition: { gte: 100 }
signalbox:
  tests:
    hits:
      - [{ $repeat: 100, $every_ms: 5, event.kind: tool_call, tool.effect_class: write }]
      - [{ $repeat: 150, $every_ms: 9, event.kind: tool_call, tool.effect_class: destructive }]
      - - { $repeat: 50, $every_ms: 1, event.kind: memory_write }
        - { $after_ms: 1, $repeat: 50, $every_ms: 1, event.kind: tool_call, tool.effect_class: unknown }
    misses:
      - [{ $repeat: 99, $every_ms: 5, event.kind: tool_call, tool.effect_class: write }]
      - [{ $repeat: 300, $every_ms: 11, event.kind: tool_call, tool.effect_class: write }]
      - [{ $repeat: 200, $every_ms: 1, event.kind: tool_call, tool.effect_class: read }]
      - - { $repeat: 60, $every_ms: 1, event.kind: memory_write, agent.slug: one }
        - { $after_ms: 1, $repeat: 60, $every_ms: 1, event.kind: memory_write, agent.slug: two }
---
title: Write
name: write
logsource: { product: ai_agent }
detection:
  tool:
    event.kind: tool_call
    tool.effect_class: [write, destructive, outbound, money, unknown]
  memory:
    event.kind: memory_write
  ended:
    event.phase: end
  condition: (tool or memory) and not ended
`;
