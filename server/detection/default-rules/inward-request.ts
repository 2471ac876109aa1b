/** A fetcher of pages on the wrong side of the wall. */
export const inwardRequest = String.raw`
title: Request turned inwards
name: inward-request
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c31
status: stable
level: low
description: >-
  A tool that fetches pages was pointed at this machine or at a name that exists only inside the
  house.
tags: [owasp.asi02, owasp.asi03, atlas.aml.t0053]
falsepositives:
  - Developers who let the agent look at what they are building
logsource: { product: ai_agent, category: tool_call }
detection:
  fetches:
    tool.effect_class: outbound
  inward:
    gen_ai.tool.call.arguments|re|i: '\bhttps?://([^/\s@]*@)?(localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|[\w.-]+\.(internal|local|localdomain|svc|cluster\.local))(:\d+)?(/|\s|$)'
  condition: fetches and inward
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: 'http://localhost:8080/admin' }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: 'http://vault.internal/v1/secret' }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: [GET, 'http://127.0.0.1:2375/containers/json'] }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: 'https://example.com/localhost' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'curl http://localhost:3000' }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: 'https://internal.example.com/' }]
`;
