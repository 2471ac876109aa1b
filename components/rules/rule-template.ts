/** A rule to begin with: it compiles, its tests pass, and every part of it is there to be changed. */
export const ruleTemplate = `title: A tool that nobody should call
name: my-rule
description: >-
  Say what it means when this fires, and what to look at first.
status: experimental
logsource:
  product: ai_agent
  category: tool_call
detection:
  selection:
    gen_ai.tool.name: delete_everything
  condition: selection
level: medium
falsepositives:
  - Say what looks alike and is harmless
tags:
  - owasp.asi02
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ gen_ai.tool.name: delete_everything }]
      - [{ gen_ai.tool.name: delete_everything, agent.slug: other }]
      - [{ gen_ai.tool.name: read_file }, { gen_ai.tool.name: delete_everything }]
    misses:
      - [{ gen_ai.tool.name: read_file }]
      - [{ gen_ai.tool.name: delete_everything_else }]
      - [{ event.kind: user_message }]
`;

/** The text of a copy: another name, and a title that says so. Correlations keep their references. */
export function copyOf(source: string, name: string): string {
  return source
    .replace(new RegExp(`^name:\\s*${name}\\s*$`, 'm'), `name: ${name}-copy`)
    .replace(/^id:.*\n/m, '')
    .replace(/^title:\s*(.*)$/m, (_line, title: string) => `title: ${title.trim()} (copy)`);
}

/** The text of a filter over a rule: it names every part of the rule that looks at single events. */
export function filterOf(source: string, name: string): string {
  const parts = source.split(/^---\s*$/m).filter((part) => /^detection:/m.test(part));
  const names = parts.flatMap(
    (part) => (/^name:\s*(\S+)/m.exec(part) ?? /^id:\s*(\S+)/m.exec(part))?.[1] ?? [],
  );
  return `title: Known noise of ${name}
name: ${name}-noise
description: >-
  Say why these events are harmless, and who said so.
status: experimental
logsource:
  product: ai_agent
filter:
  rules:
${(names.length > 0 ? names : [name]).map((part) => `    - ${part}\n`).join('')}  selection:
    agent.slug: an-agent-that-may
  condition: selection
signalbox:
  # suppress leaves out what fits the condition; require keeps it alone.
  effect: suppress
`;
}
