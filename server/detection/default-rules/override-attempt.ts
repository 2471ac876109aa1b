/** A user, or whoever writes as one, tries to talk the agent out of its instructions. */
export const overrideAttempt = `
title: Message tries to override the agent's instructions
name: override-attempt
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c02
status: stable
level: medium
description: >-
  A message to the agent carries the wording of an instruction override or jailbreak. Found by
  deterministic signatures, not by a classifier.
tags: [owasp.asi01, owasp-llm2026.llm01, atlas.aml.t0051.000, atlas.aml.t0054]
falsepositives:
  - Tests of the agent by its own developers
  - Users who paste such a text and ask about it
logsource: { product: ai_agent, category: user_message }
detection:
  override:
    finding.types: injected_instruction
  condition: override
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: user_message, finding.types: [injected_instruction] }]
      - [{ event.kind: user_message, source.trust: untrusted, finding.types: [injected_instruction] }]
      - [{ event.kind: user_message, finding.types: [injected_instruction, pii] }]
    misses:
      - [{ event.kind: user_message }]
      - [{ event.kind: user_message, finding.types: [pii] }]
      - [{ event.kind: tool_call, finding.types: [injected_instruction] }]
`;
