/** A box is worth what is known of its lids. */
export const hostEscape = `
title: Way out of a sandbox
name: host-escape
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c15
status: stable
level: high
description: >-
  The agent used what leads from a container or an account to the machine beneath: the socket of the
  container engine, privileged containers, namespaces of the host, set-uid bits.
tags: [owasp.asi05, owasp.asi03, atlas.aml.t0105]
falsepositives:
  - Work on container infrastructure itself
logsource: { product: ai_agent, category: tool_call }
detection:
  runs:
    tool.effect_class: [destructive, outbound, unknown]
  way:
    gen_ai.tool.call.arguments|contains:
      - '/var/run/docker.sock'
      - '/run/docker.sock'
      - 'docker run --privileged'
      - '--pid=host'
      - '--pid host'
      - '--cap-add=SYS_ADMIN'
      - '--cap-add SYS_ADMIN'
      - '--cap-add=ALL'
      - 'nsenter '
      - '/proc/1/root'
      - 'release_agent'
      - 'chmod u+s'
      - 'chmod 4755'
      - '/proc/sysrq-trigger'
      - 'insmod '
  condition: runs and way
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'docker run -v /var/run/docker.sock:/s alpine' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'nsenter -t 1 -m -u -i sh' }]
      - [{ event.kind: tool_call, tool.effect_class: unknown, gen_ai.tool.call.arguments: 'chmod u+s /tmp/sh' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'docker run --privileged -it ubuntu' }]
    misses:
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'docker ps' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'chmod 755 run.sh' }]
      - [{ event.kind: tool_call, tool.effect_class: read, gen_ai.tool.call.arguments: 'what is nsenter for' }]
      - [{ event.kind: tool_call, tool.effect_class: destructive, gen_ai.tool.call.arguments: 'docker run alpine echo hi' }]
`;
