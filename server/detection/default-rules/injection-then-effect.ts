/** The worst course of an injection: read, then acted on something that cannot be taken back. */
export const injectionThenEffect = `
title: Money, mail or destruction after injected instructions
name: injection-then-effect
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c03
status: stable
level: critical
description: >-
  Within one trace the agent met injected instructions, in content or in a message, and then called a tool that
  moves money, sends something out or destroys data. Look first at who the action was for.
tags: [owasp.asi01, owasp.asi02, owasp-llm2026.llm01, owasp-llm2026.llm03, atlas.aml.t0051.001, atlas.aml.t0053]
falsepositives:
  - The agent ignored the instructions and the action is the one it was asked for
correlation:
  type: temporal_ordered
  rules: [injected-content, effect]
  group-by: [trace.id]
  timespan: 1h
signalbox:
  tests:
    hits:
      - - { event.kind: tool_call, finding.types: [injected_instruction] }
        - { event.kind: tool_call, tool.effect_class: money }
      - - { event.kind: retrieval, finding.types: [injected_instruction] }
        - { event.kind: tool_call, tool.effect_class: read }
        - { event.kind: tool_call, tool.effect_class: outbound }
      - - { event.kind: memory_read, finding.types: [injected_instruction] }
        - { event.kind: tool_call, tool.effect_class: destructive, event.phase: start }
    misses:
      - - { event.kind: tool_call, tool.effect_class: money }
        - { event.kind: tool_call, finding.types: [injected_instruction] }
      - - { event.kind: tool_call, finding.types: [injected_instruction] }
        - { event.kind: tool_call, tool.effect_class: read }
      - - { event.kind: tool_call, finding.types: [injected_instruction] }
        - { event.kind: tool_call, tool.effect_class: money, trace.id: another }
      - - { event.kind: tool_call, finding.types: [pii] }
        - { event.kind: tool_call, tool.effect_class: money }
---
title: Content with injected instructions
name: injected-content
logsource: { product: ai_agent }
detection:
  injected:
    finding.types: injected_instruction
  condition: injected
---
title: Tool with an effect that leaves the house
name: effect
logsource: { product: ai_agent, category: tool_call }
detection:
  effect:
    tool.effect_class: [money, outbound, destructive]
  condition: effect
`;
