/**
 * The labels that rules may carry, as data: an id that is not here is refused, because lists copied
 * from blogs get them wrong. Sources: OWASP Top 10 for Agentic Applications 2026; OWASP Top 10 for
 * LLM Applications 2026 (its ids were renumbered, hence the year in the label); MITRE ATLAS 5.6.0,
 * the techniques that concern agents.
 */
export interface Taxonomy {
  readonly scheme: string;
  readonly version: string;
  /** Namespace of its Sigma tags: `owasp.asi01`. */
  readonly namespace: string;
  readonly entries: Readonly<Record<string, string>>;
}

export const taxonomies: readonly Taxonomy[] = [
  {
    scheme: 'OWASP Agentic',
    version: '2026',
    namespace: 'owasp',
    entries: {
      ASI01: 'Agent Goal Hijack',
      ASI02: 'Tool Misuse & Exploitation',
      ASI03: 'Identity & Privilege Abuse',
      ASI04: 'Agentic Supply Chain Vulnerabilities',
      ASI05: 'Unexpected Code Execution (RCE)',
      ASI06: 'Memory & Context Poisoning',
      ASI07: 'Insecure Inter-Agent Communication',
      ASI08: 'Cascading Failures',
      ASI09: 'Human-Agent Trust Exploitation',
      ASI10: 'Rogue Agents',
    },
  },
  {
    scheme: 'OWASP LLM',
    version: '2026',
    namespace: 'owasp-llm2026',
    entries: {
      'LLM01:2026': 'Prompt Injection',
      'LLM02:2026': 'Sensitive Information Disclosure',
      'LLM03:2026': 'Excessive Agency',
      'LLM04:2026': 'Supply Chain',
      'LLM05:2026': 'Data and Model Poisoning',
      'LLM06:2026': 'Unbounded Consumption',
      'LLM07:2026': 'Misinformation',
      'LLM08:2026': 'Hidden Context Exposure',
      'LLM09:2026': 'Vector and Embedding Weaknesses',
      'LLM10:2026': 'Improper Output Handling',
    },
  },
  {
    scheme: 'MITRE ATLAS',
    version: '5.6.0',
    namespace: 'atlas',
    entries: {
      'AML.T0010.005': 'AI Supply Chain Compromise: AI Agent Tool',
      'AML.T0011.002': 'User Execution: Poisoned AI Agent Tool',
      'AML.T0012': 'Valid Accounts',
      'AML.T0034.002': 'Cost Harvesting: Agentic Resource Consumption',
      'AML.T0051': 'LLM Prompt Injection',
      'AML.T0051.000': 'LLM Prompt Injection: Direct',
      'AML.T0051.001': 'LLM Prompt Injection: Indirect',
      'AML.T0051.002': 'LLM Prompt Injection: Triggered',
      'AML.T0053': 'AI Agent Tool Invocation',
      'AML.T0054': 'LLM Jailbreak',
      'AML.T0055': 'Unsecured Credentials',
      'AML.T0056': 'Extract LLM System Prompt',
      'AML.T0057': 'LLM Data Leakage',
      'AML.T0061': 'LLM Prompt Self-Replication',
      'AML.T0068': 'LLM Prompt Obfuscation',
      'AML.T0070': 'RAG Poisoning',
      'AML.T0071': 'False RAG Entry Injection',
      'AML.T0077': 'LLM Response Rendering',
      'AML.T0080': 'AI Agent Context Poisoning',
      'AML.T0080.000': 'AI Agent Context Poisoning: Memory',
      'AML.T0080.001': 'AI Agent Context Poisoning: Thread',
      'AML.T0081': 'Modify AI Agent Configuration',
      'AML.T0082': 'RAG Credential Harvesting',
      'AML.T0083': 'Credentials from AI Agent Configuration',
      'AML.T0084': 'Discover AI Agent Configuration',
      'AML.T0084.001': 'Discover AI Agent Configuration: Tool Definitions',
      'AML.T0084.003': 'Discover AI Agent Configuration: Call Chains',
      'AML.T0085.001': 'Data from AI Services: AI Agent Tools',
      'AML.T0086': 'Exfiltration via AI Agent Tool Invocation',
      'AML.T0091': 'Use Alternate Authentication Material',
      'AML.T0094': 'Delay Execution of LLM Instructions',
      'AML.T0098': 'AI Agent Tool Credential Harvesting',
      'AML.T0099': 'AI Agent Tool Data Poisoning',
      'AML.T0100': 'AI Agent Clickbait',
      'AML.T0101': 'Data Destruction via AI Agent Tool Invocation',
      'AML.T0102': 'Generate Malicious Commands',
      'AML.T0103': 'Deploy AI Agent',
      'AML.T0104': 'Publish Poisoned AI Agent Tool',
      'AML.T0105': 'Escape to Host',
      'AML.T0108': 'AI Agent (C2)',
      'AML.T0109': 'AI Supply Chain Rug Pull',
      'AML.T0110': 'AI Agent Tool Poisoning',
      'AML.T0112.000': 'Machine Compromise: Local AI Agent',
    },
  },
];

/** Every tag of Sigma that has a label of ours, in the order of the taxonomies. */
export const taggedLabels: readonly {
  readonly tag: string;
  readonly label: string;
  readonly title: string;
}[] = taxonomies.flatMap(({ namespace, entries }) =>
  Object.entries(entries).map(([label, title]) => ({
    tag: `${namespace}.${label.replace(/:\d+$/, '').toLowerCase()}`,
    label,
    title,
  })),
);

/** Sigma tag (`owasp-llm2026.llm01`) to label (`LLM01:2026`). */
const labelsByTag: ReadonlyMap<string, string> = new Map(
  taggedLabels.map(({ tag, label }) => [tag, label]),
);

/** Labels of a rule's tags in the order of the tags; tags of other namespaces make none. */
export function labelsOf(tags: readonly string[]): string[] {
  return tags.flatMap((tag) => labelsByTag.get(tag) ?? []);
}

/** Tags in one of our namespaces that name nothing there. */
export function unknownTags(tags: readonly string[]): string[] {
  return tags.filter(
    (tag) =>
      !labelsByTag.has(tag) && taxonomies.some(({ namespace }) => tag.startsWith(`${namespace}.`)),
  );
}

/** What a label stands for, for hints; null for one that is not ours. */
export function titleOfLabel(label: string): string | null {
  for (const { entries } of taxonomies) {
    if (Object.hasOwn(entries, label)) return entries[label] ?? null;
  }
  return null;
}
