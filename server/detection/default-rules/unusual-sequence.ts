/**
 * Low, and four deviations instead of three: over recorded runs it fires on one clean run in fifty,
 * and of runs under attack on few more (AgentDyn) or fewer (AgentDojo). It is worth something beside
 * another alert of the same trace, and little alone.
 */
export const unusualSequence = `
title: Sequence of tools that is unusual for this agent
name: unusual-sequence
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c41
status: test
level: low
description: >-
  A call with an effect came after calls that it is not known to have followed, in an agent that has
  shown what usually follows what. The alert shows the sequence, how often the call before was seen, the
  surprise in bits and what is usual for this agent.
tags: [owasp.asi01, owasp.asi02, owasp.asi10, atlas.aml.t0053]
falsepositives:
  - A new kind of task
  - A new version of the agent
logsource: { product: ai_agent, category: tool_call }
detection:
  odd:
    agent.transition.surprise|gte: 8
    agent.transition.sigma|gte: 4
    agent.transition.seen: 0
    tool.effect_class: [write, destructive, outbound, money, unknown]
  condition: odd
signalbox:
  group-by: [agent.slug, agent.transition.path]
  tests:
    hits:
      - [{ tool.effect_class: money, agent.transition.surprise: 8, agent.transition.sigma: 4, agent.transition.seen: 0 }]
      - [{ tool.effect_class: unknown, agent.transition.surprise: 11.2, agent.transition.sigma: 6, agent.transition.seen: 0, agent.transition.path: read → pay }]
      - [{ tool.effect_class: write, event.status: error, agent.transition.surprise: 9, agent.transition.sigma: 5, agent.transition.seen: 0 }]
    misses:
      - [{ tool.effect_class: money, agent.transition.surprise: 7.9, agent.transition.sigma: 5, agent.transition.seen: 0 }]
      - [{ tool.effect_class: money, agent.transition.surprise: 9, agent.transition.sigma: 3.9, agent.transition.seen: 0 }]
      - [{ tool.effect_class: money, agent.transition.surprise: 9, agent.transition.sigma: 5, agent.transition.seen: 1 }]
      - [{ tool.effect_class: read, agent.transition.surprise: 9, agent.transition.sigma: 5, agent.transition.seen: 0 }]
      - [{ tool.effect_class: money }]
`;
