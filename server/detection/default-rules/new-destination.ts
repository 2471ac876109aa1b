/** Worth a line in the record, rarely a person’s minute. */
export const newDestination = `
title: Destination never used before by this agent
name: new-destination
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c20
status: stable
level: informational
description: >-
  The agent sent or paid to somewhere it never did before. Only for agents that have sent to enough
  places to have habits.
tags: [owasp.asi02, atlas.aml.t0086]
falsepositives:
  - A new customer, supplier or correspondent
logsource: { product: ai_agent, category: tool_call }
detection:
  fresh:
    tool.destination.new: true
  condition: fresh
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: outbound, tool.destination.new: true }]
      - [{ event.kind: tool_call, tool.effect_class: money, tool.destination.new: true }]
      - [{ event.kind: tool_call, event.status: error, tool.destination.new: true }]
    misses:
      - [{ event.kind: tool_call, tool.destination.new: false }]
      - [{ event.kind: tool_call, tool.effect_class: outbound }]
      - [{ event.kind: llm_call, tool.destination.new: true }]
`;
