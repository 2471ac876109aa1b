/** An injection that means to stay. */
export const injectionThenMemory = `
title: Memory written after injected instructions
name: injection-then-memory
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c22
status: stable
level: high
description: >-
  Within one trace the agent met injected instructions and then wrote to its memory. What it wrote
  may carry them into every later session.
tags: [owasp.asi06, owasp.asi01, owasp-llm2026.llm05, atlas.aml.t0080.000, atlas.aml.t0051.001]
falsepositives:
  - The agent noted down that it had met an injection
correlation:
  type: temporal_ordered
  rules: [met-injection, memory-written]
  group-by: [trace.id]
  timespan: 1h
signalbox:
  tests:
    hits:
      - - { event.kind: tool_call, finding.types: [injected_instruction] }
        - { event.kind: memory_write }
      - - { event.kind: retrieval, finding.types: [injected_instruction] }
        - { event.kind: llm_call }
        - { event.kind: memory_write }
      - - { event.kind: memory_read, finding.types: [injected_instruction, pii] }
        - { $after_ms: 3000000, event.kind: memory_write }
    misses:
      - - { event.kind: memory_write }
        - { event.kind: tool_call, finding.types: [injected_instruction] }
      - - { event.kind: tool_call, finding.types: [pii] }
        - { event.kind: memory_write }
      - - { event.kind: tool_call, finding.types: [injected_instruction] }
        - { event.kind: memory_write, trace.id: another }
---
title: Injected instructions met
name: met-injection
logsource: { product: ai_agent }
detection:
  injected:
    finding.types: injected_instruction
  condition: injected
---
title: Memory written
name: memory-written
logsource: { product: ai_agent, category: memory_write }
detection:
  written:
    event.kind: memory_write
  condition: written
`;
