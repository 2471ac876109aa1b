/** Data that an agent never had to do with: a wider task, or a way out of it. */
export const dataOutOfScope = `
title: Data outside the agent's usual scope
name: data-out-of-scope
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c43
status: test
level: low
description: >-
  The agent touched a class of data or a resource that it never touched before. Only for agents that
  say which data they touch and have shown a scope; of a resource, the record in it does not count.
tags: [owasp.asi02, owasp.asi03, owasp-llm2026.llm02, atlas.aml.t0085.001]
falsepositives:
  - A new customer's or department's data that the agent was given
logsource: { product: ai_agent }
detection:
  fresh:
    agent.scope.new|startswith: ['class:', 'resource:']
  condition: fresh
signalbox:
  group-by: [agent.slug]
  tests:
    hits:
      - [{ event.kind: data_access, agent.scope.new: ['class:health'] }]
      - [{ event.kind: tool_call, agent.scope.new: ['resource:patients/*'] }]
      - [{ event.kind: retrieval, event.status: error, agent.scope.new: ['class:health', 'resource:patients/*'] }]
    misses:
      - [{ event.kind: data_access, agent.scope.new: [] }]
      - [{ event.kind: data_access, data.classes: [health], data.resource: patients/1 }]
      - [{ event.kind: tool_call }]
`;
