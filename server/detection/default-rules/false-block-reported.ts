/** The only rule whose alert is about us: what was denied may have been denied wrongly. */
export const falseBlockReported = `
title: Agent calls a denial false
name: false-block-reported
id: 7c0b7a4e-1f61-4a35-9b0e-5d1c6f0c2e64
status: stable
level: low
description: >-
  An agent says that one of its actions was denied wrongly. This is the agent's own word, and an agent
  that was taken over says the same: look at the action before loosening anything.
tags: [owasp.asi09, owasp-llm2026.llm03]
falsepositives:
  - An agent that calls every denial false
logsource: { product: ai_agent, category: action }
detection:
  called:
    action.problem: called_false_block
  condition: called
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ event.kind: action, action.problem: called_false_block }]
      - [{ event.kind: action, action.problem: called_false_block, gen_ai.tool.name: send_money }]
      - [{ event.kind: action, action.problem: called_false_block, trace.id: null }]
    misses:
      - [{ event.kind: action }]
      - [{ event.kind: action, action.problem: outcome_missing }]
      - [{ event.kind: tool_call, action.problem: called_false_block }]
`;
