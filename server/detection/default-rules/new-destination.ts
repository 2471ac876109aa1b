/** A tool that writes to the same few, and then to another: what an agent does that was talked into it. */
export const newDestination = `
title: Recipient or host that a tool never had before
name: new-destination
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c20
status: stable
level: informational
description: >-
  The agent called a tool that sends, pays, writes or deletes with a recipient or host that it never
  called this tool with before. Only for tools that were called often and nearly always with the same
  ones. The alert shows which, and how many there were before.
tags: [owasp.asi02, atlas.aml.t0086]
falsepositives:
  - A new customer, supplier or correspondent
logsource: { product: ai_agent, category: tool_call }
detection:
  fresh:
    agent.tool.destination_new|exists: true
    tool.effect_class: [write, destructive, outbound, money, unknown]
  condition: fresh
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ tool.effect_class: outbound, agent.tool.destination_new: ['x.example'] }]
      - [{ tool.effect_class: unknown, gen_ai.tool.name: x, agent.tool.destination_new: ['a@b.example'] }]
      - [{ tool.effect_class: money, event.status: error, agent.tool.destination_new: ['x.example', 'y.example'] }]
    misses:
      - [{ tool.effect_class: outbound, agent.tool.destination_calls: 90, agent.tool.destination_known: 3 }]
      - [{ tool.effect_class: read, agent.tool.destination_new: ['x.example'] }]
      - [{ tool.effect_class: outbound }]
`;
