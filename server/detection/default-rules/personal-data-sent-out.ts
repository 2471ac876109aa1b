/** Numbers that name one person for life. */
export const personalDataSentOut = `
title: Personal identifier in an outbound argument
name: personal-data-sent-out
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c1c
status: stable
level: medium
description: >-
  The agent sent something out with a payment card, a social security or insurance number, a
  passport or a driving licence among the arguments. The value was replaced before anything was
  stored.
tags: [owasp.asi02, owasp-llm2026.llm02, atlas.aml.t0057, atlas.aml.t0086]
falsepositives:
  - Forms of partners that ask for such a number
logsource: { product: ai_agent, category: tool_call }
detection:
  outbound:
    tool.effect_class: outbound
    finding.input.detectors: [card, us_ssn, uk_nino, passport, driver_license]
  condition: outbound
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.input.detectors: [us_ssn] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.input.detectors: [email, card] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.input.detectors: passport }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.input.detectors: [email, phone] }]
      - [{ event.kind: tool_call, tool.effect_class: money, finding.input.detectors: [card] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.output.detectors: [us_ssn] }]
`;
