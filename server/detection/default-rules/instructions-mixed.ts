/** Data in the place of instructions is obeyed like them. */
export const instructionsMixed = `
title: Content from elsewhere in the system instructions
name: instructions-mixed
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7cb4
status: stable
level: medium
description: >-
  A model call was given system instructions that hold, word for word, what a tool had returned to it
  before. Whatever stands in that content is obeyed as if the agent’s owner had written it.
tags: [owasp.asi01, owasp-llm2026.llm01, atlas.aml.t0051.001]
falsepositives:
  - Frameworks that sum up earlier results in a system message by design
logsource: { product: ai_agent, category: llm_call }
detection:
  mixed:
    finding.types: mixed_instruction
  condition: mixed
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: llm_call, finding.types: [mixed_instruction] }]
      - [{ event.kind: llm_call, finding.types: [pii, mixed_instruction] }]
      - [{ event.kind: llm_call, finding.types: mixed_instruction, event.status: error }]
    misses:
      - [{ event.kind: llm_call, finding.types: [injected_instruction] }]
      - [{ event.kind: llm_call }]
      - [{ event.kind: tool_call, finding.types: [mixed_instruction] }]
`;
