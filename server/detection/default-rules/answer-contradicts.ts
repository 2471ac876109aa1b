/** The agent does in words what it was told not to do. */
export const answerContradicts = `
title: Answer against the system instructions
name: answer-contradicts
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7cb3
status: stable
level: medium
description: >-
  A model call carried its system instructions, and its answer does what they forbid: it speaks of a
  forbidden topic, holds forbidden words, names a forbidden destination, or answers what was to be refused.
  Only bans without a condition are understood, and only in English; what is not understood raises nothing.
tags: [owasp.asi01, owasp-llm2026.llm01, atlas.aml.t0054]
falsepositives:
  - Instructions that forbid a word and an answer that explains why it is not said
logsource: { product: ai_agent, category: llm_call }
detection:
  contradiction:
    finding.types: contradiction
  condition: contradiction
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: llm_call, finding.types: [contradiction] }]
      - [{ event.kind: llm_call, finding.types: [pii, contradiction] }]
      - [{ event.kind: llm_call, finding.types: contradiction, finding.contradiction.score: 1 }]
    misses:
      - [{ event.kind: llm_call, finding.types: [pii] }]
      - [{ event.kind: llm_call }]
      - [{ event.kind: decision, finding.types: [contradiction] }]
`;
