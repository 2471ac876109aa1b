/** Somebody said yes, and nobody said how it ended. */
export const outcomeMissing = `
title: Approved without outcome
name: outcome-missing
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c0d
status: stable
level: medium
description: >-
  A permit was redeemed and the time within which its outcome was owed has passed without one. What
  the agent did with it, and whether it did it at all, is not known.
tags: [owasp.asi09, owasp.asi08, owasp-llm2026.llm03, atlas.aml.t0053]
falsepositives:
  - An agent that crashed after the redeem
  - A call that takes longer than the time within which outcomes are owed
logsource: { product: ai_agent, category: action }
detection:
  owed:
    action.problem: outcome_missing
  condition: owed
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ event.kind: action, action.problem: outcome_missing }]
      - [{ event.kind: action, action.problem: outcome_missing, gen_ai.tool.name: send_money }]
      - [{ event.kind: action, action.problem: outcome_missing, trace.id: null }]
    misses:
      - [{ event.kind: action }]
      - [{ event.kind: action, action.problem: asked_while_stopped }]
      - [{ event.kind: tool_call, action.problem: outcome_missing }]
`;
