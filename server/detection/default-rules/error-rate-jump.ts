/** An agent that mostly fails is broken, blocked, or trying doors. */
export const errorRateJump = `
title: Jump of the error rate
name: error-rate-jump
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c08
status: stable
level: medium
description: >-
  Half or more of what the agent did within five minutes failed. Computed over at least twenty
  events, so that a single failed run does not count as a jump.
tags: [owasp.asi08, owasp.asi02]
falsepositives:
  - An outage of a tool that the agent depends on
logsource: { product: ai_agent }
detection:
  failing:
    event.status: error
    agent.error_rate_5m|gte: 0.5
  condition: failing
signalbox:
  group-by: [agent.slug]
  tests:
    hits:
      - [{ event.kind: tool_call, event.status: error, agent.error_rate_5m: 0.5 }]
      - [{ event.kind: tool_call, event.status: error, agent.error_rate_5m: 1 }]
      - [{ event.kind: llm_call, event.status: error, agent.error_rate_5m: 0.75 }]
    misses:
      - [{ event.kind: tool_call, event.status: error, agent.error_rate_5m: 0.49 }]
      - [{ event.kind: tool_call, event.status: error }]
      - [{ event.kind: tool_call, event.status: ok, agent.error_rate_5m: 0.9 }]
`;
