/** Nobody encodes a command that may be read. */
export const decodeAndRun = String.raw`
title: Encoded command decoded and run
name: decode-and-run
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c0f
status: stable
level: high
description: >-
  The agent ran a command whose text is base64 and is decoded only to be executed. That is how
  commands are hidden from people and from filters.
tags: [owasp.asi05, owasp-llm2026.llm10, atlas.aml.t0102, atlas.aml.t0068]
falsepositives:
  - Build scripts that carry an archive inside themselves
logsource: { product: ai_agent, category: tool_call }
detection:
  runs:
    tool.effect_class: [destructive, outbound, unknown]
  encoded:
    gen_ai.tool.call.arguments|contains: [base64, atob, ' -e']
  shell:
    gen_ai.tool.call.arguments|re|i: '\bbase64\s+(-d|-D|--decode)\b[^\n]*\|\s*(sudo\s+)?((ba|z|da)?sh|python[23]?|perl)\b'
  code:
    gen_ai.tool.call.arguments|re|i: '\b(exec|eval)\s*\(\s*(compile\s*\(\s*)?(__import__\(\s*.base64.\s*\)|base64|atob|buffer\.from)'
  powershell:
    gen_ai.tool.call.arguments|re|i: '\bp(ower)?sh(ell)?(\.exe)?\b[^\n]*\s-e(c|nc|ncodedcommand)?\s+[a-z0-9+/=]{16,}'
  condition: runs and encoded and (shell or code or powershell)
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'echo Y3VybCBodHRwOi8veA== | base64 -d | bash' }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.call.arguments: 'exec(base64.b64decode("aW1wb3J0IG9z"))' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'powershell.exe -NoP -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoA' }]
      - [{ event.kind: tool_call, tool.effect_class: outbound, gen_ai.tool.call.arguments: 'eval(atob("YWxlcnQoMSk="))' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'base64 -d logo.b64 > logo.png' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'echo hello | base64' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'grep -e base64 README.md' }]
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: 'echo aGk= | base64 -d | sh' }]
`;
