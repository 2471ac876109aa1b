/** The one setting that takes people out. */
export const approvalSwitchedOff = `
title: Approvals switched off
name: approval-switched-off
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c18
status: stable
level: high
description: >-
  An agent was started, or switched, into a mode in which nobody is asked before it acts.
tags: [owasp.asi09, owasp.asi03, owasp.asi10, owasp-llm2026.llm03, atlas.aml.t0081]
falsepositives:
  - Agents that run unattended in a sandbox made for it
logsource: { product: ai_agent }
detection:
  call:
    event.kind: tool_call
  flag:
    gen_ai.tool.call.arguments|contains:
      - '--dangerously-skip-permissions'
      - '--dangerously-bypass-approvals'
      - '--yolo'
      - '--allow-all-tools'
      - '--trust-all-tools'
      - 'bypassPermissions'
      - 'approval_policy=never'
      - '--ask-for-approval never'
  spawn:
    event.kind: spawn
  option:
    input|contains:
      - '--dangerously-skip-permissions'
      - '--dangerously-bypass-approvals'
      - '--yolo'
      - '--allow-all-tools'
      - '--trust-all-tools'
      - 'bypassPermissions'
      - 'approval_policy=never'
      - '--ask-for-approval never'
  mode:
    event.kind: lifecycle
    event.name|contains: permission_mode
  bypass:
    '|all': [permission_mode, bypassPermissions]
  condition: (call and flag) or (spawn and option) or (mode and bypass)
signalbox:
  group-by: [agent.slug, session.id]
  tests:
    hits:
      - [{ event.kind: tool_call, gen_ai.tool.call.arguments: 'claude --dangerously-skip-permissions -p x' }]
      - [{ event.kind: spawn, input: [codex, '--yolo'] }]
      - [{ event.kind: lifecycle, event.name: permission_mode_changed, to_mode: bypassPermissions }]
    misses:
      - [{ event.kind: tool_call, gen_ai.tool.call.arguments: 'claude -p x' }]
      - [{ event.kind: lifecycle, event.name: permission_mode_changed, to_mode: plan }]
      - [{ event.kind: user_message, input: 'what does --yolo do?' }]
      - [{ event.kind: lifecycle, event.name: started, note: bypassPermissions }]
`;
