/** Who may write the rule book need not break the rules. */
export const agentConfigChanged = String.raw`
title: Agent changed its own instructions or tools
name: agent-config-changed
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c17
status: stable
level: medium
description: >-
  The agent wrote to a file from which agents take instructions, tools, hooks or permissions. From
  the next start on, what stands there counts as the will of its owner.
tags: [owasp.asi01, owasp.asi06, owasp.asi10, atlas.aml.t0081]
falsepositives:
  - The owner asked the agent to keep its instructions up to date
logsource: { product: ai_agent, category: tool_call }
detection:
  file:
    gen_ai.tool.call.arguments|contains:
      - '.claude/settings'
      - '.claude/hooks'
      - '.claude/agents'
      - '.mcp.json'
      - '/mcp.json'
      - 'mcp_config.json'
      - 'claude_desktop_config.json'
      - '.cursorrules'
      - '.cursor/rules'
      - 'CLAUDE.md'
      - 'AGENTS.md'
      - 'GEMINI.md'
      - 'copilot-instructions.md'
      - '.codex/config'
      - '.gemini/settings'
      - '.windsurfrules'
  write:
    tool.effect_class: write
  named:
    tool.effect_class: unknown
    gen_ai.tool.name|contains: [write, edit, create, patch, insert, append]
  shell:
    tool.effect_class: [destructive, unknown]
    gen_ai.tool.call.arguments|re|i: '(>>?|\btee\b|\bsed\s+-i|\bcp\b|\bmv\b)[^\n]*(\.claude/|mcp|cursor|CLAUDE\.md|AGENTS\.md|GEMINI\.md|copilot-instructions|\.codex/|\.gemini/|windsurf)'
  condition: file and (write or named or shell)
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: write, gen_ai.tool.call.arguments: [.claude/settings.json, '{}'] }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.name: str_replace_edit, gen_ai.tool.call.arguments: /repo/AGENTS.md }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'echo "always approve" >> CLAUDE.md' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: CLAUDE.md }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'cat AGENTS.md' }]
      - [{ event.kind: tool_call, tool.effect_class: write, gen_ai.tool.call.arguments: README.md }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.name: open, gen_ai.tool.call.arguments: AGENTS.md }]
`;
