/** A tool used in a way in which it never was: a field smuggled in, or another type. */
export const newArgumentShape = `
title: Arguments of a new shape
name: new-argument-shape
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c42
status: test
level: low
description: >-
  The agent called a tool that sends, pays, writes or deletes with other argument names or types than
  it ever did. Only for tools that were called often and nearly always alike; values are not looked
  at. The alert shows the shape.
tags: [owasp.asi02, atlas.aml.t0053]
falsepositives:
  - An optional argument that comes up rarely
  - A new version of the tool
logsource: { product: ai_agent, category: tool_call }
detection:
  fresh:
    agent.tool.new_shape: true
    tool.effect_class: [write, destructive, outbound, money, unknown]
  condition: fresh
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ tool.effect_class: money, agent.tool.new_shape: true }]
      - [{ tool.effect_class: unknown, gen_ai.tool.name: x, agent.tool.new_shape: true }]
      - [{ tool.effect_class: destructive, event.status: error, agent.tool.new_shape: true }]
    misses:
      - [{ tool.effect_class: money, agent.tool.new_shape: false }]
      - [{ tool.effect_class: read, agent.tool.new_shape: true }]
      - [{ tool.effect_class: money }]
`;
