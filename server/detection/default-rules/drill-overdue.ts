/** That a way out was not tried for longer than the tenant wants. */
export const drillOverdue = `
title: Stop drill overdue
name: drill-overdue
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7d02
status: stable
level: medium
description: >-
  No stop drill was brought to its end for longer than this tenant has set, plus a day. Whether a stop
  works, and how fast people are, is then not known but remembered.
tags: [owasp.asi10]
falsepositives:
  - A key that posts an event of this name although no drill is due; the list of drills tells
logsource: { product: ai_agent, category: lifecycle }
detection:
  overdue:
    event.kind: lifecycle
    event.name: signalbox_drill_overdue
  condition: overdue
signalbox:
  group-by: [trace.id]
  tests:
    hits:
      - [{ event.kind: lifecycle, event.name: signalbox_drill_overdue }]
      - [{ event.kind: lifecycle, event.name: signalbox_drill_overdue, agent.slug: drill-bot }]
      - [{ event.kind: lifecycle }, { event.kind: lifecycle, event.name: signalbox_drill_overdue }]
    misses:
      - [{ event.kind: lifecycle, event.name: signalbox_drill }]
      - [{ event.kind: tool_call, event.name: signalbox_drill_overdue }]
      - [{ event.kind: lifecycle, event.name: overdue }]
`;
