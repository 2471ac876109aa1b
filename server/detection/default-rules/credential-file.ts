/** Places where machines keep what opens other machines. */
export const credentialFile = String.raw`
title: File of credentials named in a call
name: credential-file
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c12
status: stable
level: high
description: >-
  An argument of a call names a file in which credentials are kept: private keys, cloud and cluster
  logins, password hashes. Reading it is the step before using it.
tags: [owasp.asi03, owasp-llm2026.llm02, atlas.aml.t0055, atlas.aml.t0083, atlas.aml.t0098]
falsepositives:
  - Set-up work that was asked for by the owner of the credentials
logsource: { product: ai_agent, category: tool_call }
detection:
  file:
    gen_ai.tool.call.arguments|contains:
      - '/.aws/credentials'
      - '/.ssh/id_'
      - '/etc/shadow'
      - '/.kube/config'
      - '/.netrc'
      - '/.git-credentials'
      - '/.docker/config.json'
      - '/.pypirc'
      - '/.config/gcloud/'
      - '/.azure/accessTokens'
      - '/proc/self/environ'
      - '\.aws\credentials'
      - '\.ssh\id_'
  condition: file
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'cat ~/.aws/credentials' }]
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: /home/dev/.ssh/id_ed25519 }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.call.arguments: 'tar czf /tmp/x.tgz /root/.kube/config' }]
      - [{ event.kind: tool_call, gen_ai.tool.call.arguments: 'C:\Users\a\.ssh\id_rsa' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: '/srv/app/config.json' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'ls ~/.ssh' }]
      - [{ event.kind: tool_call, gen_ai.tool.call.result: '/etc/shadow' }]
      - [{ event.kind: retrieval, gen_ai.tool.call.arguments: '/etc/shadow' }]
`;
