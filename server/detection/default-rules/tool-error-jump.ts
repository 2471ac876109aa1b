/** One tool that begins to fail, long before half of everything does. */
export const toolErrorJump = `
title: Jump of the failures of a tool
name: tool-error-jump
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c44
status: test
level: low
description: >-
  One tool failed in this hour three deviations or more above what the agent's own closed hours let
  expect, and five times or more. A tool that always fails often does not fire it, one that begins to
  does.
tags: [owasp.asi08, owasp.asi02]
falsepositives:
  - An outage of what the tool depends on
logsource: { product: ai_agent, category: tool_call }
detection:
  jump:
    event.status: error
    agent.tool.error_sigma|gte: 3
    agent.tool.error_count|gte: 5
  condition: jump
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ event.status: error, agent.tool.error_count: 5, agent.tool.error_sigma: 3 }]
      - [{ event.status: error, agent.tool.error_count: 90, agent.tool.error_sigma: 40 }]
      - [{ event.status: error, gen_ai.tool.name: x, agent.tool.error_count: 12, agent.tool.error_sigma: 4.4 }]
    misses:
      - [{ event.status: error, agent.tool.error_count: 4, agent.tool.error_sigma: 4 }]
      - [{ event.status: error, agent.tool.error_count: 50, agent.tool.error_sigma: 2.9 }]
      - [{ event.status: ok, agent.tool.error_count: 50, agent.tool.error_sigma: 9 }]
      - [{ event.status: error }]
`;
