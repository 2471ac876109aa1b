/** A mistake times twenty. */
export const mailToMany = `
title: One message to many recipients
name: mail-to-many
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c1f
status: stable
level: medium
description: >-
  One call that sends something out names twenty or more recipients or hosts.
tags: [owasp.asi02, owasp.asi08, owasp-llm2026.llm03, atlas.aml.t0086]
falsepositives:
  - Newsletters and announcements that the agent is there for
logsource: { product: ai_agent, category: tool_call }
detection:
  many:
    tool.effect_class: outbound
    tool.destination.count|gte: 20
  condition: many
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: outbound, tool.destination.count: 20 }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, tool.destination.count: 50 }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.name: send_email, tool.destination.count: 21 }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: outbound, tool.destination.count: 19 }]
      - [{ event.kind: tool_call, tool.effect_class: read, tool.destination.count: 50 }]
      - [{ event.kind: tool_call, tool.effect_class: outbound }]
`;
