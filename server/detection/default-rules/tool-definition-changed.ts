/** The name stays, the promise behind it does not. */
export const toolDefinitionChanged = `
title: Definition of a tool changed
name: tool-definition-changed
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c25
status: stable
level: medium
description: >-
  A model call was given a tool under a name that this agent knows, with another description or
  other parameters than before. A poisoned tool comes this way: harmless when it is approved,
  changed afterwards.
tags: [owasp.asi04, owasp.asi02, owasp-llm2026.llm04, atlas.aml.t0110, atlas.aml.t0109, atlas.aml.t0010.005]
falsepositives:
  - A release of the agent or of the server that offers the tool
logsource: { product: ai_agent }
detection:
  changed:
    event.kind: [llm_call, lifecycle]
    agent.tools.changed|exists: true
  condition: changed
signalbox:
  group-by: [agent.slug, agent.tools.changed]
  tests:
    hits:
      - [{ event.kind: llm_call, agent.tools.changed: [send_email] }]
      - [{ event.kind: llm_call, agent.tools.changed: [a, b] }]
      - [{ event.kind: lifecycle, agent.tools.changed: a }]
    misses:
      - [{ event.kind: llm_call }]
      - [{ event.kind: tool_call, agent.tools.changed: [a] }]
      - [{ event.kind: lifecycle, event.name: started }]
`;
