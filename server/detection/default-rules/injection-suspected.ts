/** What the classifier sees and no signature does: freely worded injections. */
export const injectionSuspected = `
title: Content reads like instructions to the agent
name: injection-suspected
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7ca1
status: stable
level: medium
description: >-
  Untrusted content reads like an injected instruction to the classifier of the deep layer, though no
  signature knows its wording. Learned from examples: it can be wrong either way, and its model card says
  how often. Raise the threshold where agents read much text about language models.
tags: [owasp.asi01, owasp-llm2026.llm01, atlas.aml.t0051.001]
falsepositives:
  - Mails and tickets that give orders to an assistant of another kind
  - Documentation and articles about language models
logsource: { product: ai_agent }
detection:
  suspected:
    source.trust: untrusted
    guard.injection_score|gte: 0.5
  signed:
    finding.types: injected_instruction
  condition: suspected and not signed
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, source.trust: untrusted, guard.injection_score: 0.5 }]
      - [{ event.kind: retrieval, source.trust: untrusted, guard.injection_score: 0.99 }]
      - [{ event.kind: user_message, source.trust: untrusted, finding.types: [pii], guard.injection_score: 0.95 }]
    misses:
      - [{ event.kind: tool_call, source.trust: untrusted, guard.injection_score: 0.49 }]
      - [{ event.kind: tool_call, source.trust: trusted, guard.injection_score: 0.99 }]
      - [{ event.kind: tool_call, source.trust: untrusted, finding.types: [injected_instruction], guard.injection_score: 0.99 }]
      - [{ event.kind: tool_call, source.trust: untrusted }]
`;
