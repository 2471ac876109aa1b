/** What only the agent could read, and what it did next. */
export const hiddenTextThenEffect = `
title: Money or mail after hidden text
name: hidden-text-then-effect
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c23
status: stable
level: medium
description: >-
  Within one trace untrusted content carried text that a person does not see, and the agent then
  called a tool that moves money or sends something out.
tags: [owasp.asi01, owasp-llm2026.llm01, atlas.aml.t0068, atlas.aml.t0051.001, atlas.aml.t0053]
falsepositives:
  - Mails and pages with invisible layout text, answered as asked
correlation:
  type: temporal_ordered
  rules: [hidden-content, acted]
  group-by: [trace.id]
  timespan: 1h
signalbox:
  tests:
    hits:
      - - { event.kind: tool_call, source.trust: untrusted, finding.hidden_text.score: 0.9 }
        - { event.kind: tool_call, tool.effect_class: money }
      - - { event.kind: retrieval, source.trust: untrusted, finding.hidden_text.score: 1 }
        - { event.kind: tool_call, tool.effect_class: outbound }
      - - { event.kind: tool_call, source.trust: untrusted, finding.hidden_text.score: 0.8 }
        - { event.kind: tool_call, tool.effect_class: read }
        - { event.kind: tool_call, tool.effect_class: outbound }
    misses:
      - - { event.kind: tool_call, tool.effect_class: money }
        - { event.kind: tool_call, source.trust: untrusted, finding.hidden_text.score: 1 }
      - - { event.kind: tool_call, source.trust: untrusted, finding.hidden_text.score: 0.3 }
        - { event.kind: tool_call, tool.effect_class: money }
      - - { event.kind: tool_call, source.trust: trusted, finding.hidden_text.score: 1 }
        - { event.kind: tool_call, tool.effect_class: money }
      - - { event.kind: tool_call, source.trust: untrusted, finding.hidden_text.score: 1 }
        - { event.kind: tool_call, tool.effect_class: write }
---
title: Hidden text in untrusted content
name: hidden-content
logsource: { product: ai_agent }
detection:
  hidden:
    source.trust: untrusted
    finding.hidden_text.score|gte: 0.7
  condition: hidden
---
title: Effect that leaves the house
name: acted
logsource: { product: ai_agent, category: tool_call }
detection:
  effect:
    tool.effect_class: [money, outbound]
  condition: effect
`;
