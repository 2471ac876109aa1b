/** What cannot be taken back, and takes more than was meant. */
export const destructiveCommand = String.raw`
title: Command that destroys at large
name: destructive-command
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c13
status: stable
level: high
description: >-
  The agent ran a command that deletes whole trees, disks, tables, clusters or histories at once.
tags: [owasp.asi02, owasp.asi10, owasp-llm2026.llm03, atlas.aml.t0101, atlas.aml.t0053]
falsepositives:
  - Tear-down of test environments
logsource: { product: ai_agent, category: tool_call }
detection:
  runs:
    tool.effect_class: [destructive, outbound, unknown]
  word:
    gen_ai.tool.call.arguments|contains: ['rm ', mkfs, 'of=/dev/', 'drop ', 'truncate ', 'delete from', '--force', 'push -f', destroy, 'kubectl delete', 'format c:']
  files:
    gen_ai.tool.call.arguments|re|i: '\brm\s+(-\S+\s+)*-(\S*r\S*f|\S*f\S*r)\S*\s+(-\S+\s+)*(/|~|\$HOME|\*)(/?\*)?(\s|;|&|$)'
  disk:
    gen_ai.tool.call.arguments|re|i: '\bmkfs(\.\w+)?\s|\bdd\s[^\n]*\bof=/dev/(sd|nvme|vd|xvd|disk)|\bformat\s+c:'
  database:
    gen_ai.tool.call.arguments|re|i: '\bdrop\s+(table|database|schema)\s|\btruncate\s+table\s|\bdelete\s+from\s+\S+\s*(;|$)'
  history:
    gen_ai.tool.call.arguments|re|i: '\bgit\s+push\s([^\n]*\s)?(--force|-f)(\s|$)'
  cluster:
    gen_ai.tool.call.arguments|re|i: '\bterraform\s+destroy\b|\bkubectl\s+delete\s+([^\n]*\s)?(ns|namespace|namespaces|pv|--all)\b'
  condition: runs and word and (files or disk or database or history or cluster)
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'sudo rm -rf / --no-preserve-root' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'DROP TABLE customers;' }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.call.arguments: 'git push --force origin main' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'terraform destroy -auto-approve' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'DELETE FROM orders' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'rm -rf node_modules' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'rm -rf /tmp/build-1' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'DELETE FROM orders WHERE id = 7' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'git push origin main' }]
      - [{ event.kind: tool_call, tool.effect_class: write, gen_ai.tool.call.arguments: 'DROP TABLE customers;' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'git push --force-with-lease' }]
`;
