/** Text that talks to the agent inside what a tool, a document or a memory returned. */
export const injectedInstructions = `
title: Instructions to the agent inside returned content
name: injected-instructions
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c01
status: stable
level: high
description: >-
  Content that a tool, a retrieval or a memory returned, or that a model call was given, contains
  wording that addresses the agent and tells it what to do. Found by deterministic signatures, not by a classifier: known forms of
  injection and their close variants are caught, freely worded ones are not.
tags: [owasp.asi01, owasp-llm2026.llm01, atlas.aml.t0051.001]
falsepositives:
  - Articles, tickets or mails that quote an injection in order to discuss it
  - Source code or prompts of an agent under development
logsource: { product: ai_agent }
detection:
  injected:
    finding.types: injected_instruction
  message:
    event.kind: user_message
  condition: injected and not message
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, finding.types: [injected_instruction] }]
      - [{ event.kind: retrieval, finding.types: [pii, injected_instruction] }]
      - [{ event.kind: memory_read, finding.types: injected_instruction }]
      - [{ event.kind: llm_call, finding.types: [injected_instruction] }]
    misses:
      - [{ event.kind: tool_call }]
      - [{ event.kind: tool_call, finding.types: [pii, secret, hidden_text] }]
      - [{ event.kind: user_message, finding.types: [injected_instruction] }]
`;
