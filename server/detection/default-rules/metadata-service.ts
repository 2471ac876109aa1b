/** The address that hands the machine’s own credentials to whoever asks from inside. */
export const metadataService = `
title: Call to a cloud metadata service
name: metadata-service
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c11
status: stable
level: high
description: >-
  An argument of a call names the metadata service of a cloud. It answers with credentials of the
  machine, and agents that fetch addresses for others are a way to reach it.
tags: [owasp.asi03, owasp.asi02, owasp-llm2026.llm02, atlas.aml.t0098, atlas.aml.t0055]
falsepositives:
  - Agents that administer cloud machines
logsource: { product: ai_agent, category: tool_call }
detection:
  address:
    gen_ai.tool.call.arguments|contains:
      - '169.254.169.254'
      - '169.254.170.2'
      - 'metadata.google.internal'
      - '100.100.100.200'
      - 'metadata.azure.com'
      - 'instance-data.ec2.internal'
  condition: address
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, gen_ai.tool.call.arguments: 'http://169.254.169.254/latest/meta-data/iam/' }]
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: [GET, 'http://metadata.google.internal/computeMetadata/v1/'] }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'curl -H Metadata:true http://169.254.169.254/metadata/identity' }]
    misses:
      - [{ event.kind: tool_call, gen_ai.tool.call.arguments: 'http://169.254.1.1/' }]
      - [{ event.kind: tool_call, gen_ai.tool.call.result: '169.254.169.254' }]
      - [{ event.kind: user_message, input: 'what is 169.254.169.254?' }]
`;
