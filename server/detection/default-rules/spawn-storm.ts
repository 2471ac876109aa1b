/** One that makes twenty that make twenty. */
export const spawnStorm = `
title: Storm of new agents
name: spawn-storm
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c2c
status: stable
level: medium
description: >-
  One agent started twenty or more others within a minute. What goes wrong in one of them goes wrong
  in all.
tags: [owasp.asi08, owasp.asi10, owasp-llm2026.llm06, atlas.aml.t0103, atlas.aml.t0034.002]
falsepositives:
  - Agents that hand out many small tasks by design
correlation:
  type: event_count
  rules: [spawned]
  group-by: [agent.slug]
  timespan: 1m
  condition: { gte: 20 }
signalbox:
  tests:
    hits:
      - [{ $repeat: 20, $every_ms: 1000, event.kind: spawn }]
      - [{ $repeat: 60, $every_ms: 10, event.kind: spawn }]
      - - { $repeat: 10, $every_ms: 10, event.kind: spawn }
        - { $after_ms: 30000, $repeat: 10, $every_ms: 10, event.kind: spawn }
    misses:
      - [{ $repeat: 19, $every_ms: 10, event.kind: spawn }]
      - [{ $repeat: 40, $every_ms: 4000, event.kind: spawn }]
      - [{ $repeat: 40, $every_ms: 10, event.kind: tool_call }]
      - - { $repeat: 15, $every_ms: 10, event.kind: spawn }
        - { $repeat: 15, $every_ms: 10, event.kind: spawn, agent.slug: another }
---
title: Agent started
name: spawned
logsource: { product: ai_agent, category: spawn }
detection:
  spawned:
    event.kind: spawn
  ended:
    event.phase: end
  condition: spawned and not ended
`;
