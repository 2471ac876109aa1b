/** The course that every indirect injection takes, told apart from ordinary replies by the recipient. */
export const untrustedThenEffect = `
title: Money or mail to a recipient that untrusted content named
name: untrusted-then-effect
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c04
status: stable
level: low
description: >-
  Within one trace the agent read untrusted content and then called a tool that moves money or sends
  something out, to a recipient that only this content had named and the agent never used before.
  That is how an indirect injection ends, and also how a mail assistant meets a new correspondent:
  raise the level for agents that should do neither.
tags: [owasp.asi01, owasp.asi02, owasp-llm2026.llm03, atlas.aml.t0053, atlas.aml.t0086]
falsepositives:
  - A first reply or payment to somebody whose address stood in a mail or an invoice
correlation:
  type: temporal_ordered
  rules: [untrusted-content, effect-on-named-recipient]
  group-by: [trace.id]
  timespan: 1h
signalbox:
  tests:
    hits:
      - - { event.kind: tool_call, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: money, tool.destination.untrusted_new: true }
      - - { event.kind: retrieval, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: outbound, tool.destination.untrusted_new: true }
      - - { event.kind: user_message, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: read }
        - { event.kind: tool_call, tool.effect_class: money, tool.destination.untrusted_new: true }
    misses:
      - - { event.kind: tool_call, tool.effect_class: money, tool.destination.untrusted_new: true }
        - { event.kind: tool_call, source.trust: untrusted }
      - - { event.kind: tool_call, source.trust: trusted }
        - { event.kind: tool_call, tool.effect_class: money, tool.destination.untrusted_new: true }
      - - { event.kind: tool_call, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: write, tool.destination.untrusted_new: true }
      - - { event.kind: tool_call, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: money, tool.destination.untrusted_new: false }
      - - { event.kind: tool_call, source.trust: untrusted }
        - { event.kind: tool_call, tool.effect_class: money }
---
title: Untrusted content
name: untrusted-content
logsource: { product: ai_agent }
detection:
  untrusted:
    source.trust: untrusted
  condition: untrusted
---
title: Payment or message to a recipient that only untrusted content named
name: effect-on-named-recipient
logsource: { product: ai_agent, category: tool_call }
detection:
  effect:
    tool.effect_class: [money, outbound]
    tool.destination.untrusted_new: true
  condition: effect
`;
