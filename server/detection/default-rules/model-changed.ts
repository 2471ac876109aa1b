/** Another head under the same hat. */
export const modelChanged = `
title: Model changed within a session
name: model-changed
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c26
status: stable
level: informational
description: >-
  Model calls of one agent and session named three or more models within an hour. A cheaper or
  foreign model behind the same agent answers to other rules.
tags: [owasp.asi04, owasp-llm2026.llm04]
falsepositives:
  - Agents that use one model to plan and others to work
correlation:
  type: value_count
  rules: [asked-model]
  group-by: [agent.slug, session.id]
  timespan: 1h
  condition: { field: gen_ai.request.model, gte: 3 }
signalbox:
  tests:
    hits:
      - - { event.kind: llm_call, gen_ai.request.model: a }
        - { event.kind: llm_call, gen_ai.request.model: b }
        - { event.kind: llm_call, gen_ai.request.model: c }
      - - { $repeat: 4, event.kind: llm_call, gen_ai.request.model: a }
        - { event.kind: llm_call, gen_ai.request.model: b }
        - { $after_ms: 60000, event.kind: llm_call, gen_ai.request.model: c }
      - - { event.kind: llm_call, gen_ai.request.model: c }
        - { event.kind: llm_call, gen_ai.request.model: b }
        - { event.kind: tool_call }
        - { event.kind: llm_call, gen_ai.request.model: a }
    misses:
      - - { event.kind: llm_call, gen_ai.request.model: a }
        - { event.kind: llm_call, gen_ai.request.model: b }
      - [{ $repeat: 9, $every_ms: 10, event.kind: llm_call, gen_ai.request.model: a }]
      - - { event.kind: llm_call, gen_ai.request.model: a }
        - { event.kind: llm_call, gen_ai.request.model: b }
        - { event.kind: llm_call, gen_ai.request.model: c, session.id: another }
---
title: Model asked
name: asked-model
logsource: { product: ai_agent, category: llm_call }
detection:
  asked:
    gen_ai.request.model|exists: true
  condition: asked
`;
