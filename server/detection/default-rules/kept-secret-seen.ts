/** No agent is ever given such a secret by the broker: whoever has it has it from elsewhere. */
export const keptSecretSeen = `
title: Secret of a kept credential in an agent’s hands
name: kept-secret-seen
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7d21
status: stable
level: high
description: >-
  The secret of a credential that the broker keeps stood in an event: in the arguments of a call, so the
  agent passed it on, or elsewhere, so it was seen. The broker gives agents leases and never the secret,
  so it came from somewhere else. What it was used for, the event does not show.
tags: [owasp.asi03, owasp-llm2026.llm02, atlas.aml.t0055]
falsepositives:
  - An agent that legitimately hands the credential to the tool by itself, and does not use the broker yet
  - A person who pastes the secret into a conversation
logsource: { product: ai_agent }
detection:
  seen:
    credential.secret_seen: [arguments, elsewhere]
  condition: seen
signalbox:
  group-by: [agent.slug, credential.id, credential.secret_seen]
  tests:
    hits:
      - [{ event.kind: tool_call, credential.secret_seen: arguments, credential.id: crd_1 }]
      - [{ event.kind: llm_call, credential.secret_seen: elsewhere, credential.id: crd_1 }]
      - [{ event.kind: tool_call, credential.secret_seen: [elsewhere, arguments], credential.id: [crd_1, crd_2] }]
    misses:
      - [{ event.kind: tool_call, finding.types: [secret] }]
      - [{ event.kind: tool_call, credential.secret_seen: null }]
      - [{ event.kind: tool_call, tool.lease: held }]
`;
