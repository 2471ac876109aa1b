/** More rows than anybody reads. */
export const bulkAccess = `
title: Data accessed in bulk
name: bulk-access
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c2d
status: stable
level: medium
description: >-
  One access touched ten thousand rows or more. Work for one person or one case needs a handful.
tags: [owasp.asi02, owasp-llm2026.llm02, atlas.aml.t0085.001]
falsepositives:
  - Reports and migrations that the agent is there for
logsource: { product: ai_agent }
detection:
  bulk:
    event.kind: [data_access, tool_call, retrieval]
    data.rows|gte: 10000
  condition: bulk
signalbox:
  group-by: [agent.slug, data.resource]
  tests:
    hits:
      - [{ event.kind: data_access, data.rows: 10000 }]
      - [{ event.kind: tool_call, data.rows: 250000 }]
      - [{ event.kind: retrieval, data.rows: 10001 }]
    misses:
      - [{ event.kind: data_access, data.rows: 9999 }]
      - [{ event.kind: data_access }]
      - [{ event.kind: llm_call, data.rows: 10000 }]
`;
