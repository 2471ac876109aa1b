/** Content that reads a little like an instruction, and a call that takes its arguments from it. */
export const suspectedArgument = `
title: Effect with an argument out of content that reads like instructions
name: suspected-argument
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7cb2
status: stable
level: high
description: >-
  Within one trace the agent read untrusted content that reads like an instruction, and then called a tool
  that moves money, sends something out, writes or destroys, with an argument that stood in untrusted
  content and that the user had not named. Each alone is common; together they are the course of an
  injection that worked. The threshold lies below that of a suspicion by itself, for the second sign
  makes up for it.
tags: [owasp.asi01, owasp.asi02, owasp-llm2026.llm01, owasp-llm2026.llm03, atlas.aml.t0051.001, atlas.aml.t0053]
falsepositives:
  - A user who asks to do what a mail or a ticket says
correlation:
  type: temporal_ordered
  rules: [instructing-content, effect-with-its-argument]
  group-by: [trace.id]
  timespan: 1h
signalbox:
  tests:
    hits:
      - - { event.kind: tool_call, source.trust: untrusted, guard.injection_score: 0.3 }
        - { event.kind: tool_call, tool.effect_class: money, tool.arguments.untrusted_paths: [/to] }
      - - { event.kind: retrieval, source.trust: untrusted, guard.injection_score: 0.9 }
        - { event.kind: tool_call, tool.effect_class: read }
        - { event.kind: tool_call, tool.effect_class: outbound, tool.arguments.untrusted_paths: [/a, /b] }
      - - { event.kind: tool_call, source.trust: untrusted, guard.injection_score: 0.3 }
        - { event.kind: tool_call, tool.effect_class: write, tool.arguments.untrusted_paths: [/x] }
    misses:
      - - { event.kind: tool_call, source.trust: untrusted, guard.injection_score: 0.1 }
        - { event.kind: tool_call, tool.effect_class: money, tool.arguments.untrusted_paths: [/to] }
      - - { event.kind: tool_call, source.trust: untrusted, guard.injection_score: 0.3 }
        - { event.kind: tool_call, tool.effect_class: money, tool.arguments.from_untrusted: false }
      - - { event.kind: tool_call, tool.effect_class: money, tool.arguments.untrusted_paths: [/to] }
        - { event.kind: tool_call, source.trust: untrusted, guard.injection_score: 0.3 }
      - - { event.kind: tool_call, source.trust: untrusted, guard.injection_score: 0.3 }
        - { event.kind: tool_call, tool.effect_class: money, tool.arguments.untrusted_paths: [/to], trace.id: another }
---
title: Untrusted content that reads a little like instructions
name: instructing-content
logsource: { product: ai_agent }
detection:
  content:
    source.trust: untrusted
    guard.injection_score|gte: 0.3
  condition: content
---
title: Call with an effect whose argument only untrusted content had
name: effect-with-its-argument
logsource: { product: ai_agent, category: tool_call }
detection:
  effect:
    tool.arguments.untrusted_paths|exists: true
  condition: effect
`;
