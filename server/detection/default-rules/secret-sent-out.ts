/** A credential in the arguments of something that leaves the house. */
export const secretSentOut = `
title: Secret in an outbound argument
name: secret-sent-out
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c06
status: stable
level: high
description: >-
  The agent called a tool that sends something out, or pays, with a credential among the arguments.
  The value was replaced before anything was stored; treat it as known to the other side.
tags: [owasp.asi02, owasp.asi03, owasp-llm2026.llm02, atlas.aml.t0057, atlas.aml.t0086]
falsepositives:
  - Tools that hand a key to its own service, such as an authenticated HTTP call
logsource: { product: ai_agent, category: tool_call }
detection:
  outbound:
    tool.effect_class: [outbound, money]
    finding.input.types: secret
  condition: outbound
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.input.types: [secret] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.input.types: [pii, secret] }]
      - [{ event.kind: tool_call, tool.effect_class: money, finding.input.types: secret }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.input.types: [pii] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, finding.output.types: [secret] }]
      - [{ event.kind: tool_call, tool.effect_class: write, finding.input.types: [secret] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound }]
`;
