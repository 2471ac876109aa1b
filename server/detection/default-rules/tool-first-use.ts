/** Something new: worth a line in the record, rarely worth a person's minute. */
export const toolFirstUse = `
title: Tool never used before by this agent
name: tool-first-use
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c09
status: stable
level: informational
description: >-
  The agent called a tool for the first time. Only for agents that have shown enough calls to have
  habits; a new agent's first calls are not reported.
tags: [owasp.asi02, owasp.asi10, atlas.aml.t0053]
falsepositives:
  - A tool that was newly given to the agent
  - Work that comes up rarely
logsource: { product: ai_agent, category: tool_call }
detection:
  first:
    agent.tool.first_use: true
  condition: first
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ event.kind: tool_call, gen_ai.tool.name: send_money, agent.tool.first_use: true }]
      - [{ event.kind: tool_call, gen_ai.tool.name: x, tool.effect_class: unknown, agent.tool.first_use: true }]
      - [{ event.kind: tool_call, event.status: error, agent.tool.first_use: true }]
    misses:
      - [{ event.kind: tool_call, agent.tool.first_use: false }]
      - [{ event.kind: tool_call }]
      - [{ event.kind: llm_call, agent.tool.first_use: true }]
`;
