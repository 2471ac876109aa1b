/** What was cut is still carried about. */
export const deadLeasePresented = `
title: Token of a dead lease presented
name: dead-lease-presented
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7d23
status: stable
level: medium
description: >-
  A tool was shown the token of a lease that had been dead for a minute or longer, ended, expired or with
  its credential revoked, while its agent held no live lease of that credential. The tool was told that
  it is not active; whether it served the call all the same is not known here.
tags: [owasp.asi03, owasp-llm2026.llm02, atlas.aml.t0055]
falsepositives:
  - A client that goes on with an old token until it is refused, and takes a new lease only then
  - A tool that asks again after calls that it served long ago
logsource: { product: ai_agent }
detection:
  presented:
    action.problem: dead_lease_presented
  condition: presented
signalbox:
  group-by: [agent.slug, gen_ai.tool.name]
  tests:
    hits:
      - [{ event.kind: action, action.problem: dead_lease_presented }]
      - [{ event.kind: action, action.problem: dead_lease_presented, gen_ai.tool.name: read_file }]
      - [{ event.kind: action, action.problem: dead_lease_presented, session.id: s-1 }]
    misses:
      - [{ event.kind: action, action.problem: asked_while_stopped }]
      - [{ event.kind: action, action.problem: outcome_missing }]
      - [{ event.kind: tool_call, tool.lease: missing }]
`;
