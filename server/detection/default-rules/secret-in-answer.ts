/** What a person sees has left the vault. */
export const secretInAnswer = `
title: Secret in an answer
name: secret-in-answer
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c1e
status: stable
level: medium
description: >-
  The agent’s answer contains a credential. It was replaced before it was stored here; the person,
  and every log on the way, had it in the clear.
tags: [owasp.asi03, owasp-llm2026.llm02, atlas.aml.t0057]
falsepositives:
  - Answers that show an example key
  - Agents whose work is to hand credentials out
logsource: { product: ai_agent, category: agent_message }
detection:
  secret:
    finding.types: secret
  condition: secret
signalbox:
  group-by: [agent.slug, session.id]
  tests:
    hits:
      - [{ event.kind: agent_message, finding.types: [secret] }]
      - [{ event.kind: agent_message, finding.types: [pii, secret] }]
      - [{ event.kind: agent_message, finding.types: secret }]
    misses:
      - [{ event.kind: agent_message, finding.types: [pii] }]
      - [{ event.kind: user_message, finding.types: [secret] }]
      - [{ event.kind: agent_message }]
`;
