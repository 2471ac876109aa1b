/** What a drill has the detector find, and what it says when none took place. */
export const drillSignal = `
title: Drill under way
name: drill-signal
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7d01
status: stable
level: low
description: >-
  A stop drill began on an agent that is marked for it. Nothing is wrong: the alert is what the drill
  measures the time to detect by. What follows is handled as in earnest.
tags: [owasp.asi10]
falsepositives:
  - A key that posts an event of this name although no drill runs; the list of drills tells
logsource: { product: ai_agent, category: lifecycle }
detection:
  signal:
    event.kind: lifecycle
    event.name: signalbox_drill
  condition: signal
signalbox:
  group-by: [trace.id]
  tests:
    hits:
      - [{ event.kind: lifecycle, event.name: signalbox_drill }]
      - [{ event.kind: lifecycle, event.name: signalbox_drill, agent.slug: drill-bot }]
      - [{ event.kind: lifecycle }, { event.kind: lifecycle, event.name: signalbox_drill }]
    misses:
      - [{ event.kind: lifecycle, event.name: invoke_agent }]
      - [{ event.kind: tool_call, event.name: signalbox_drill }]
      - [{ event.kind: lifecycle, event.name: signalbox_drill_overdue }]
`;
