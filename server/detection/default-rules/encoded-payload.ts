/** What is meant to be read is not encoded. */
export const encodedPayload = `
title: Long encoded text sent out
name: encoded-payload
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c32
status: stable
level: low
description: >-
  An outbound argument contains a long run of encoded text without a blank. Files travel so, and so
  does what a filter is not meant to recognise.
tags: [owasp.asi02, owasp-llm2026.llm02, atlas.aml.t0086, atlas.aml.t0068]
falsepositives:
  - Attachments and images that are sent inline
logsource: { product: ai_agent, category: tool_call }
detection:
  sent:
    tool.effect_class: outbound
  encoded:
    gen_ai.tool.call.arguments|re: '[A-Za-z0-9+/_-]{400}'
  condition: sent and encoded
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: 'QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD' }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: [to, 'x deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef'] }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: 'https://a.example/?d=aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_aGVsbG8_' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: 'QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD' }]
      - [{ event.kind: tool_call, tool.effect_class: write, gen_ai.tool.call.arguments: 'QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD' }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: 'many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words many words ' }]
`;
