/** The promise of a stop, checked against what agents do. */
export const stopViolated = `
title: Stop violated
name: stop-violated
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c0b
status: stable
level: critical
description: >-
  The agent began work, asked for an action or tried to redeem a permit under a stop that covers it,
  after its instance had acknowledged the stop or, where it acknowledged nothing, after it had time to
  hear of it. What began earlier is not counted; clocks may differ by a few seconds.
tags: [owasp.asi10, owasp.asi08, owasp-llm2026.llm03, atlas.aml.t0053]
falsepositives:
  - An agent whose clock is off by more than a few seconds
  - An agent that neither follows the control stream nor asks, and so cannot hear of a stop
logsource: { product: ai_agent }
detection:
  work:
    agent.stopped: true
    event.kind: [llm_call, tool_call, data_access, memory_read, memory_write, retrieval, spawn]
  attempt:
    action.problem: [asked_while_stopped, redeemed_while_stopped]
  condition: work or attempt
signalbox:
  group-by: [agent.slug]
  tests:
    hits:
      - [{ event.kind: tool_call, agent.stopped: true }]
      - [{ event.kind: llm_call, agent.stopped: true }]
      - [{ event.kind: action, action.problem: redeemed_while_stopped }]
      - [{ event.kind: action, action.problem: asked_while_stopped }]
    misses:
      - [{ event.kind: tool_call, agent.stopped: false }]
      - [{ event.kind: tool_call }]
      - [{ event.kind: lifecycle, agent.stopped: true }]
      - [{ event.kind: user_message, agent.stopped: true }]
      - [{ event.kind: action, action.problem: outcome_missing }]
`;
