/** A job, a key or a start file outlives the session that wrote it. */
export const persistencePlanted = String.raw`
title: Something planted that runs by itself later
name: persistence-planted
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c14
status: stable
level: medium
description: >-
  The agent wrote a scheduled job, a service, a start file of a shell, a hook or a key for logging
  in: it will run, or let somebody in, long after this session is over.
tags: [owasp.asi05, owasp.asi10, atlas.aml.t0112.000, atlas.aml.t0102]
falsepositives:
  - Set-up of machines that was asked for
logsource: { product: ai_agent, category: tool_call }
detection:
  acts:
    tool.effect_class: [write, destructive, outbound, unknown]
  place:
    gen_ai.tool.call.arguments|contains:
      - '/etc/cron'
      - 'crontab -'
      - '/etc/systemd/system/'
      - '/etc/rc.local'
      - '/etc/profile.d/'
      - '/etc/sudoers'
      - '.ssh/authorized_keys'
      - '/LaunchAgents/'
      - '/LaunchDaemons/'
      - 'schtasks /create'
      - 'CurrentVersion\Run'
      - '.git/hooks/'
      - '/etc/ld.so.preload'
  start:
    gen_ai.tool.call.arguments|contains: [.bashrc, .zshrc, .profile, .bash_profile]
  appended:
    gen_ai.tool.call.arguments|re|i: '>>?\s*\S*\.(bashrc|zshrc|profile|bash_profile)\b'
  looking:
    gen_ai.tool.call.arguments|re|i: '^\s*(ls|cat|head|tail|less|stat|find|grep|crontab\s+-l)\b[^;&|>]*$'
  condition: acts and (place or (start and appended)) and not looking
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: '(crontab -l; echo "* * * * * /tmp/x") | crontab -' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'echo "ssh-ed25519 AAAA" >> ~/.ssh/authorized_keys' }]
      - [{ event.kind: tool_call, tool.effect_class: write, gen_ai.tool.call.arguments: [/etc/systemd/system/updater.service, '[Service]'] }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.call.arguments: 'echo "alias sudo=/tmp/s" >> /home/dev/.bashrc' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'source ~/.bashrc' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'ls -la /etc/cron.d' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'crontab -l' }]
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: /etc/crontab }]
`;
