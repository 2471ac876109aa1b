import type { Scenario } from './scenario.ts';

const agent = 'billing-assistant';
const model = 'claude-sonnet-5';

export const billingScenarios: readonly Scenario[] = [
  {
    name: 'invoice-copy',
    agent,
    model,
    incident: null,
    steps: [
      {
        kind: 'user_message',
        afterMs: 0,
        tookMs: 5,
        trust: 'trusted',
        input: '{{company}} asks for the VAT breakdown of invoice {{invoice}}.',
      },
      {
        kind: 'llm_call',
        afterMs: 50,
        tookMs: 800,
        input: 'Find invoice {{invoice}}.',
        output: 'Looking up the invoice and its lines.',
      },
      {
        kind: 'tool_call',
        name: 'get_invoice',
        afterMs: 20,
        tookMs: 110,
        trust: 'trusted',
        input: { invoice: '{{#invoice}}' },
        output: {
          invoice: '{{#invoice}}',
          customer: '{{company}}',
          net: '{{#amount}}',
          currency: 'EUR',
          state: 'paid',
        },
        data: { resource: 'invoices/{{invoice}}', classes: ['financial'], rows: 1 },
      },
      {
        kind: 'agent_message',
        afterMs: 700,
        tookMs: 5,
        output: 'Invoice {{invoice}} for {{company}}: {{amount}} EUR net, 19 % VAT, paid.',
      },
    ],
  },
  {
    name: 'reconcile-payments',
    agent,
    model,
    incident: null,
    steps: [
      {
        kind: 'user_message',
        afterMs: 0,
        tookMs: 5,
        trust: 'trusted',
        input: 'Match the payments of last {{weekday}} with open invoices.',
      },
      {
        kind: 'data_access',
        name: 'ledger.payments',
        afterMs: 60,
        tookMs: 210,
        trust: 'trusted',
        input: 'select reference, amount from payments where day = last {{weekday}}',
        output: { rows: '{{#rows}}', unmatched: 1 },
        data: { resource: 'ledger/payments', classes: ['financial'], rows: '{{#rows}}' },
      },
      {
        kind: 'llm_call',
        afterMs: 40,
        tookMs: 1900,
        input: 'Match {{rows}} payments by reference and amount.',
        output:
          'All but one match by reference; the last one matches invoice {{invoice}} by amount.',
      },
      {
        kind: 'tool_call',
        name: 'update_invoice',
        afterMs: 30,
        tookMs: 130,
        trust: 'trusted',
        input: { invoice: '{{#invoice}}', state: 'paid', amount: '{{#amount}}' },
        output: { invoice: '{{#invoice}}', state: 'paid' },
      },
      {
        kind: 'memory_write',
        name: 'reconciliation-notes',
        afterMs: 20,
        tookMs: 25,
        trust: 'trusted',
        input: '{{company}} pays without a reference; match by amount.',
      },
      {
        kind: 'agent_message',
        afterMs: 10,
        tookMs: 5,
        output: '{{rows}} payments matched; invoice {{invoice}} of {{company}} is now marked paid.',
      },
    ],
  },
  {
    name: 'runaway-loop',
    agent,
    model,
    incident: 'runaway-loop',
    steps: [
      {
        kind: 'user_message',
        afterMs: 0,
        tookMs: 5,
        trust: 'trusted',
        input: 'Correct the due date of the open invoices of {{company}}.',
      },
      {
        kind: 'llm_call',
        afterMs: 40,
        tookMs: 700,
        input: 'Correct the due dates; repeat until no invoice is left.',
        output: 'I will update invoices until the list is empty.',
      },
      {
        kind: 'tool_call',
        name: 'update_invoice',
        afterMs: 1,
        tookMs: 5,
        repeats: 150,
        trust: 'trusted',
        input: { invoice: '{{#invoice}}', dueDate: '2026-12-31', attempt: '{{#repeat}}' },
        error: {
          type: 'conflict',
          message: 'invoice {{invoice}} was changed in between; read it again',
        },
      },
      {
        kind: 'error',
        name: 'step_limit',
        afterMs: 5,
        tookMs: 5,
        error: { type: 'step_limit', message: 'the run was ended after 150 calls of one tool' },
      },
    ],
  },
];
