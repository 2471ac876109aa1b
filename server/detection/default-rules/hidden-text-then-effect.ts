/** What only the agent could read, and what it did next. */
export const hiddenTextThenEffect = `
title: Money or mail after hidden text
name: hidden-text-then-effect
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c23
status: stable
level: medium
description: >-
  Untrusted content carried text that a person does not see, and later in the same trace the agent
  called a tool that moves money or sends something out.
tags: [owasp.asi01, owasp-llm2026.llm01, atlas.aml.t0068, atlas.aml.t0051.001, atlas.aml.t0053]
falsepositives:
  - Mails and pages with invisible layout text, answered as asked
logsource: { product: ai_agent, category: tool_call }
detection:
  effect:
    tool.effect_class: [money, outbound]
    trace.found: hidden_text
  condition: effect
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: money, trace.found: [hidden_text] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, trace.found: [secret, hidden_text] }]
      - [{ event.kind: tool_call, tool.effect_class: money, trace.found: hidden_text, gen_ai.tool.name: send_money }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: money }]
      - [{ event.kind: tool_call, tool.effect_class: money, trace.found: [secret] }]
      - [{ event.kind: tool_call, tool.effect_class: read, trace.found: [hidden_text] }]
      - [{ event.kind: tool_call, tool.effect_class: money, finding.types: [hidden_text] }]
`;
