/** The agent has become another one: retrained, repurposed, or taken over slowly. */
export const toolMixDrift = `
title: Drift of what an agent does
name: tool-mix-drift
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c45
status: test
level: low
description: >-
  The mix of tools in the agent's last hundred calls or so has moved away from its mix over the last
  two thousand, by much and by three deviations or more of how it usually moves. It tells of a change
  that no single call shows, and falls silent once the new mix is usual.
tags: [owasp.asi10, owasp.asi01]
falsepositives:
  - Work that changes with the season or the day of the week
  - A new version of the agent
logsource: { product: ai_agent, category: tool_call }
detection:
  drifted:
    agent.drift.bits|gte: 0.2
    agent.drift.sigma|gte: 3
  condition: drifted
signalbox:
  group-by: [agent.slug]
  tests:
    hits:
      - [{ agent.drift.bits: 0.2, agent.drift.sigma: 3 }]
      - [{ agent.drift.bits: 0.9, agent.drift.sigma: 14 }]
      - [{ event.status: error, gen_ai.tool.name: x, agent.drift.bits: 0.4, agent.drift.sigma: 5 }]
    misses:
      - [{ agent.drift.bits: 0.19, agent.drift.sigma: 8 }]
      - [{ agent.drift.bits: 0.6, agent.drift.sigma: 2.9 }]
      - [{ agent.drift.bits: 0.6 }]
      - [{ event.kind: tool_call }]
`;
