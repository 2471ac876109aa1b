/** Whose voice is it that the agent obeys? */
export const systemPromptChanged = `
title: System prompt changed within a session
name: system-prompt-changed
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c24
status: stable
level: low
description: >-
  Model calls of one agent and session were given different system instructions within an hour.
  Instructions that came from elsewhere may have been mixed into them.
tags: [owasp.asi01, owasp-llm2026.llm08, atlas.aml.t0080.001, atlas.aml.t0051]
falsepositives:
  - Prompts that carry the time or the state of the work
  - Several prompts of one agent by design; raise the level for agents that have one
correlation:
  type: value_count
  rules: [instructed]
  group-by: [agent.slug, session.id]
  timespan: 1h
  condition: { field: prompt.system_digest, gte: 2 }
signalbox:
  tests:
    hits:
      - - { event.kind: llm_call, prompt.system_digest: aaaa }
        - { event.kind: llm_call, prompt.system_digest: bbbb }
      - - { $repeat: 3, event.kind: llm_call, prompt.system_digest: aaaa }
        - { $after_ms: 600000, event.kind: llm_call, prompt.system_digest: bbbb }
      - - { event.kind: llm_call, prompt.system_digest: aaaa }
        - { event.kind: tool_call }
        - { event.kind: llm_call, prompt.system_digest: cccc }
    misses:
      - [{ $repeat: 5, $every_ms: 1000, event.kind: llm_call, prompt.system_digest: aaaa }]
      - - { event.kind: llm_call, prompt.system_digest: aaaa }
        - { event.kind: llm_call, prompt.system_digest: bbbb, session.id: another }
      - - { event.kind: llm_call, prompt.system_digest: aaaa }
        - { event.kind: llm_call, prompt.system_digest: bbbb, agent.slug: another }
      - - { event.kind: llm_call, prompt.system_digest: aaaa }
        - { event.kind: llm_call }
---
title: Model call with instructions
name: instructed
logsource: { product: ai_agent, category: llm_call }
detection:
  instructed:
    prompt.system_digest|exists: true
  condition: instructed
`;
