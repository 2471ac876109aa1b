/** Nobody asked for three hundred steps. */
export const runawayTrace = `
title: Trace with hundreds of calls
name: runaway-trace
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c2a
status: stable
level: medium
description: >-
  One trace has come to three hundred tool calls or more. Either the task is far larger than anybody
  thought, or the agent goes round in circles.
tags: [owasp.asi08, owasp-llm2026.llm06, atlas.aml.t0034.002]
falsepositives:
  - Agents that work on long tasks by design
logsource: { product: ai_agent, category: tool_call }
detection:
  many:
    trace.tool_calls|gte: 300
  condition: many
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, trace.tool_calls: 300 }]
      - [{ event.kind: tool_call, trace.tool_calls: 5000 }]
      - [{ event.kind: tool_call, event.status: error, trace.tool_calls: 301 }]
    misses:
      - [{ event.kind: tool_call, trace.tool_calls: 299 }]
      - [{ event.kind: tool_call }]
      - [{ event.kind: llm_call, trace.tool_calls: 400 }]
`;
