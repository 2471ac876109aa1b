/** Another head under the same hat. */
export const modelChanged = `
title: Model changed within a trace
name: model-changed
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c26
status: stable
level: informational
description: >-
  Model calls of one agent and trace named a third model, or one more. A cheaper or foreign model
  behind the same agent answers to other rules.
tags: [owasp.asi04, owasp-llm2026.llm04]
falsepositives:
  - Agents that use one model to plan and others to work
logsource: { product: ai_agent, category: llm_call }
detection:
  changed:
    trace.model.changed: true
  condition: changed
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: llm_call, trace.model.changed: true }]
      - [{ event.kind: llm_call, gen_ai.request.model: m, trace.model.changed: true }]
      - [{ event.kind: llm_call, event.status: error, trace.model.changed: true }]
    misses:
      - [{ event.kind: llm_call, trace.model.changed: false }]
      - [{ event.kind: llm_call, gen_ai.request.model: m }]
      - [{ event.kind: tool_call, trace.model.changed: true }]
`;
