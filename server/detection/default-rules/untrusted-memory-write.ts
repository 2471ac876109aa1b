/** What is remembered is believed. */
export const untrustedMemoryWrite = `
title: Untrusted content written to memory
name: untrusted-memory-write
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c21
status: stable
level: medium
description: >-
  The agent wrote content to its memory that came from an untrusted source. Later sessions will read
  it as their own knowledge.
tags: [owasp.asi06, owasp-llm2026.llm05, atlas.aml.t0080.000]
falsepositives:
  - Agents that are meant to collect what others write, and mark it so
logsource: { product: ai_agent, category: memory_write }
detection:
  untrusted:
    source.trust: untrusted
  condition: untrusted
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: memory_write, source.trust: untrusted }]
      - [{ event.kind: memory_write, source.trust: untrusted, source.origin: mail }]
      - [{ event.kind: memory_write, source.trust: untrusted, finding.types: [pii] }]
    misses:
      - [{ event.kind: memory_write, source.trust: trusted }]
      - [{ event.kind: memory_write, source.trust: unknown }]
      - [{ event.kind: memory_read, source.trust: untrusted }]
`;
