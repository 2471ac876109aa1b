/** The way around the broker: the tool is entered, and nobody took a lease of it. */
export const callWithoutLease = `
title: Brokered tool called without a lease
name: call-without-lease
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7d22
status: stable
level: medium
description: >-
  The agent tells of a call that came to something, of a tool whose credential the broker keeps, and had
  no lease of that tool at any time of the call. With what the tool was entered is not known: another
  credential, the same one from elsewhere, or none at all.
tags: [owasp.asi03, owasp-llm2026.llm03, atlas.aml.t0055]
falsepositives:
  - A tool that can be called without the credential that the broker keeps of it
  - An agent whose calls another agent, which holds the lease, makes for it
  - An agent whose clock is off by more than a few minutes
logsource: { product: ai_agent, category: tool_call }
detection:
  call:
    tool.lease: missing
  condition: call
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ event.kind: tool_call, gen_ai.tool.name: send_money, tool.lease: missing }]
      - [{ event.kind: tool_call, gen_ai.tool.name: read_file, tool.lease: missing, event.status: ok }]
      - [{ event.kind: tool_call, tool.lease: missing, tool.permit: redeemed }]
    misses:
      - [{ event.kind: tool_call, gen_ai.tool.name: send_money, tool.lease: held }]
      - [{ event.kind: tool_call, gen_ai.tool.name: send_money }]
      - [{ event.kind: data_access, tool.lease: missing }]
`;
