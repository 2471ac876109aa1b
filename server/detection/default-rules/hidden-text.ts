/** Text that a person does not see and an agent reads. */
export const hiddenText = `
title: Hidden text in untrusted content
name: hidden-text
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c0a
status: stable
level: low
description: >-
  Untrusted content carries characters or markup that a reader does not see: tag characters,
  zero-width runs, bidirectional overrides, invisible styles. Often harmless, and the usual carrier
  of instructions meant for the agent alone.
tags: [owasp.asi01, owasp-llm2026.llm01, atlas.aml.t0068]
falsepositives:
  - Web pages and mails with invisible layout text
  - Scripts that need joiners
logsource: { product: ai_agent }
detection:
  hidden:
    source.trust: untrusted
    # Colour codes and comments score below this; they are found in honest output, too.
    finding.hidden_text.score|gte: 0.5
  condition: hidden
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, source.trust: untrusted, finding.hidden_text.score: 0.5 }]
      - [{ event.kind: retrieval, source.trust: untrusted, finding.hidden_text.score: 1 }]
      - [{ event.kind: user_message, source.trust: untrusted, finding.hidden_text.score: 0.9 }]
    misses:
      - [{ event.kind: tool_call, source.trust: trusted, finding.hidden_text.score: 1 }]
      - [{ event.kind: tool_call, source.trust: untrusted, finding.hidden_text.score: 0.3 }]
      - [{ event.kind: tool_call, source.trust: untrusted, finding.types: [pii] }]
      - [{ event.kind: tool_call, source.trust: untrusted }]
`;
