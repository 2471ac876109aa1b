/** The course that every indirect injection takes, and much ordinary work too: context, not alarm. */
export const untrustedThenEffect = `
title: Money or mail after untrusted content
name: untrusted-then-effect
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c04
status: stable
level: low
description: >-
  Within one trace the agent read untrusted content and then called a tool that moves money or sends
  something out. Ordinary for a mail assistant, so low by itself; raise it for agents that should
  never do both.
tags: [owasp.asi01, owasp.asi02, owasp-llm2026.llm03, atlas.aml.t0053, atlas.aml.t0086]
falsepositives:
  - Every agent whose work is to read and then to answer or to pay
correlation:
  type: temporal_ordered
  rules: [untrusted-content, outbound-effect]
  group-by: [trace.id]
  timespan: 1h
signalbox:
  tests:
    hits:
      - - { event.kind: tool_call, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: money }
      - - { event.kind: retrieval, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: outbound }
      - - { event.kind: user_message, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: read }
        - { event.kind: tool_call, tool.effect_class: money }
    misses:
      - - { event.kind: tool_call, tool.effect_class: money }
        - { event.kind: tool_call, source.trust: untrusted }
      - - { event.kind: tool_call, source.trust: trusted }
        - { event.kind: tool_call, tool.effect_class: money }
      - - { event.kind: tool_call, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: write }
      - - { event.kind: tool_call, source.trust: untrusted }
        - { $after_ms: 3600000, event.kind: tool_call, tool.effect_class: money }
---
title: Untrusted content
name: untrusted-content
logsource: { product: ai_agent }
detection:
  untrusted:
    source.trust: untrusted
  condition: untrusted
---
title: Tool that pays or sends
name: outbound-effect
logsource: { product: ai_agent, category: tool_call }
detection:
  effect:
    tool.effect_class: [money, outbound]
  condition: effect
`;
