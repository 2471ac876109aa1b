/** More of the usual: a loop, a bulk job, or somebody in a hurry. Rarely worth a minute alone. */
export const volumeJump = `
title: Jump of the volume of a tool
name: volume-jump
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c40
status: test
level: low
description: >-
  The agent called one tool in this hour so often that it lies three deviations or more above what
  is usual for an hour, over the agent's own closed hours. Needs a day of hours and twenty calls; the
  alert shows the hours, their mean and the deviation.
tags: [owasp.asi02, owasp.asi08, owasp-llm2026.llm06, atlas.aml.t0034.002]
falsepositives:
  - A month's end, a campaign or an import that comes up rarely
  - More users than before
logsource: { product: ai_agent, category: tool_call }
detection:
  jump:
    agent.tool.volume_sigma|gte: 3
    agent.tool.volume|gte: 20
  condition: jump
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ event.kind: tool_call, agent.tool.volume: 20, agent.tool.volume_sigma: 3 }]
      - [{ event.kind: tool_call, agent.tool.volume: 400, agent.tool.volume_sigma: 12.5 }]
      - [{ event.kind: tool_call, event.status: error, agent.tool.volume: 60, agent.tool.volume_sigma: 4 }]
    misses:
      - [{ event.kind: tool_call, agent.tool.volume: 19, agent.tool.volume_sigma: 9 }]
      - [{ event.kind: tool_call, agent.tool.volume: 900, agent.tool.volume_sigma: 2.9 }]
      - [{ event.kind: tool_call, agent.tool.volume: 900 }]
      - [{ event.kind: tool_call }]
`;
