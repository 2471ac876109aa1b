/** A loop costs money until somebody looks. */
export const callLoop = `
title: The same call again and again
name: call-loop
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c29
status: stable
level: medium
description: >-
  The agent made the same call with the same arguments ten times or more in a row within one trace.
tags: [owasp.asi08, owasp.asi02, owasp-llm2026.llm06, atlas.aml.t0034.002]
falsepositives:
  - Polling for the end of a long job
logsource: { product: ai_agent, category: tool_call }
detection:
  again:
    agent.tool.repeats|gte: 10
  condition: again
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, agent.tool.repeats: 10 }]
      - [{ event.kind: tool_call, agent.tool.repeats: 400 }]
      - [{ event.kind: tool_call, event.status: error, agent.tool.repeats: 11 }]
    misses:
      - [{ event.kind: tool_call, agent.tool.repeats: 9 }]
      - [{ event.kind: tool_call }]
      - [{ event.kind: llm_call, agent.tool.repeats: 10 }]
`;
