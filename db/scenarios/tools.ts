/** What the demo's own tools can do; grades as in the tools table, 0 (harmless) to 4 (worst). */
export interface ScenarioTool {
  readonly name: string;
  readonly description: string;
  readonly effectClass: 'read' | 'write' | 'money';
  readonly reversibility: number;
  readonly sensitivity: number;
  readonly blastRadius: number;
  /** Every call of it needs a redeemed permit. */
  readonly isGoverned: boolean;
}

const read = (name: string, description: string, sensitivity: number): ScenarioTool => ({
  name,
  description,
  effectClass: 'read',
  reversibility: 0,
  sensitivity,
  blastRadius: 0,
  isGoverned: false,
});

/** Tools of the made-up shop that are not among the common ones. */
export const scenarioTools: readonly ScenarioTool[] = [
  read('get_order', 'Read one order with its shipment', 3),
  read('search_knowledge_base', 'Search the articles for customers', 0),
  read('get_invoice', 'Read one invoice', 3),
  read('read_partner_list', 'Read the delivery partners of a city', 2),
  read('run_tests', 'Run the tests of a folder in the sandbox', 1),
  {
    name: 'create_ticket',
    description: 'Open a ticket in a queue of the support desk',
    effectClass: 'write',
    reversibility: 1,
    sensitivity: 1,
    blastRadius: 1,
    isGoverned: false,
  },
  {
    name: 'update_invoice',
    description: 'Change state, amount or due date of an invoice',
    effectClass: 'write',
    reversibility: 2,
    sensitivity: 3,
    blastRadius: 1,
    isGoverned: false,
  },
  {
    name: 'pay_supplier',
    description: 'Pay a supplier from the company account',
    effectClass: 'money',
    reversibility: 4,
    sensitivity: 4,
    blastRadius: 1,
    isGoverned: true,
  },
];
