/** A marker that nobody has a reason to touch has left the place where it was planted. */
export const canarySeen = `
title: Canary seen outside its home
name: canary-seen
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c05
status: stable
level: critical
description: >-
  A registered canary text appeared somewhere it does not live, in the clear or disguised (base64,
  hexadecimal, reversed, spaced out). Whatever held it has been read and carried on.
tags: [owasp.asi02, owasp-llm2026.llm02, atlas.aml.t0057, atlas.aml.t0086]
falsepositives:
  - A tool or resource that may hold the canary is missing from its list of homes
logsource: { product: ai_agent }
detection:
  canary:
    finding.types: canary
  condition: canary
signalbox:
  group-by: [agent.slug, finding.detectors]
  tests:
    hits:
      - [{ event.kind: tool_call, finding.types: [canary] }]
      - [{ event.kind: llm_call, finding.types: [pii, canary] }]
      - [{ event.kind: agent_message, finding.types: canary }]
    misses:
      - [{ event.kind: tool_call }]
      - [{ event.kind: tool_call, finding.types: [secret] }]
      - [{ event.kind: tool_call, finding.types: [injected_instruction, hidden_text] }]
`;
