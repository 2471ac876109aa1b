/** Whose voice is it that the agent obeys? */
export const systemPromptChanged = `
title: System prompt changed within a trace
name: system-prompt-changed
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c24
status: stable
level: low
description: >-
  A model call was given other system instructions than the calls before it in the same trace.
  Instructions that came from elsewhere may have been mixed into them.
tags: [owasp.asi01, owasp-llm2026.llm08, atlas.aml.t0080.001, atlas.aml.t0051]
falsepositives:
  - Prompts that carry the time or the state of the work
  - Several prompts of one agent by design; raise the level for agents that have one
logsource: { product: ai_agent, category: llm_call }
detection:
  changed:
    trace.prompt.changed: true
  condition: changed
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: llm_call, trace.prompt.changed: true }]
      - [{ event.kind: llm_call, event.status: error, trace.prompt.changed: true }]
      - [{ event.kind: llm_call, gen_ai.request.model: m, trace.prompt.changed: true }]
    misses:
      - [{ event.kind: llm_call, trace.prompt.changed: false }]
      - [{ event.kind: llm_call }]
      - [{ event.kind: tool_call, trace.prompt.changed: true }]
`;
