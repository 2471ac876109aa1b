/** Not looked at is not clean. */
export const unscannedContent = `
title: Content that was not inspected to its end
name: unscanned-content
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c2f
status: stable
level: low
description: >-
  Content was longer than the guard looks at, so that its end was never inspected for secrets,
  canaries or instructions.
tags: [owasp.asi01, owasp-llm2026.llm01, atlas.aml.t0068]
falsepositives:
  - Large files and pages
logsource: { product: ai_agent }
detection:
  unread:
    event.flags: scan_incomplete
    source.trust: [untrusted, unknown]
  condition: unread
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, event.flags: [scan_incomplete], source.trust: untrusted }]
      - [{ event.kind: retrieval, event.flags: [truncated, scan_incomplete], source.trust: untrusted }]
      - [{ event.kind: tool_call, event.flags: scan_incomplete, source.trust: unknown }]
    misses:
      - [{ event.kind: tool_call, event.flags: [truncated], source.trust: untrusted }]
      - [{ event.kind: tool_call, event.flags: [scan_incomplete], source.trust: trusted }]
      - [{ event.kind: tool_call, source.trust: untrusted }]
`;
