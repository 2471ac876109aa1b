/** Who does honest work does not mind being seen. */
export const tracksCovered = `
title: Traces wiped or guards switched off
name: tracks-covered
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c16
status: stable
level: high
description: >-
  The agent ran a command that wipes logs or histories, or switches off what watches the machine:
  audit, firewall, malware protection, mandatory access control.
tags: [owasp.asi10, owasp.asi05, atlas.aml.t0102]
falsepositives:
  - Clean-up of disks that have run full
  - Tests in machines made for them
logsource: { product: ai_agent, category: tool_call }
detection:
  runs:
    tool.effect_class: [destructive, outbound, unknown]
  wiped:
    gen_ai.tool.call.arguments|contains:
      - 'history -c'
      - 'unset HISTFILE'
      - 'HISTFILE=/dev/null'
      - 'HISTSIZE=0'
      - 'rm -rf /var/log'
      - 'rm -f /var/log'
      - '> /var/log/'
      - 'shred -u'
      - 'wevtutil cl'
      - 'Clear-EventLog'
      - 'journalctl --vacuum'
  off:
    gen_ai.tool.call.arguments|contains:
      - 'auditctl -e 0'
      - 'setenforce 0'
      - 'ufw disable'
      - 'iptables -F'
      - 'stop auditd'
      - 'stop falcon-sensor'
      - 'DisableRealtimeMonitoring'
      - '--no-audit-log'
  condition: runs and (wiped or off)
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'history -c && rm -rf /var/log/nginx' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'sudo setenforce 0' }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.call.arguments: 'Set-MpPreference -DisableRealtimeMonitoring $true' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'tail -n 50 /var/log/syslog' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'ufw status' }]
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: 'iptables -F' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'git log --oneline' }]
`;
