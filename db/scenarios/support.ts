import type { Scenario } from './scenario.ts';

const agent = 'support-desk';
const model = 'gpt-5-mini';

export const supportScenarios: readonly Scenario[] = [
  {
    name: 'order-status',
    agent,
    model,
    incident: null,
    steps: [
      {
        kind: 'user_message',
        afterMs: 0,
        tookMs: 5,
        trust: 'trusted',
        input: 'Hi, {{customer}} here. Where is my {{product}}? The order number is {{order}}.',
      },
      {
        kind: 'llm_call',
        afterMs: 60,
        tookMs: 900,
        input: 'Decide how to find order {{order}}.',
        output: 'I will look up order {{order}} and its shipment.',
      },
      {
        kind: 'tool_call',
        name: 'get_order',
        afterMs: 30,
        tookMs: 140,
        trust: 'trusted',
        input: { orderId: '{{#order}}' },
        output: {
          orderId: '{{#order}}',
          item: '{{product}}',
          state: 'shipped',
          carrier: '{{carrier}}',
          destination: '{{city}}',
        },
        data: { resource: 'orders/{{order}}', classes: ['customer'], rows: 1 },
      },
      {
        kind: 'tool_call',
        name: 'search_knowledge_base',
        afterMs: 40,
        tookMs: 90,
        trust: 'trusted',
        input: { query: 'delivery time {{carrier}}' },
        output: [
          { title: 'Delivery times', text: '{{carrier}} delivers within {{days}} working days.' },
        ],
      },
      {
        kind: 'llm_call',
        afterMs: 30,
        tookMs: 1100,
        input: 'Answer the customer from the order and the article.',
        output: 'Order found, on its way to {{city}}.',
      },
      {
        kind: 'agent_message',
        afterMs: 10,
        tookMs: 5,
        output:
          'Good news: your {{product}} left our warehouse and travels with {{carrier}}. It should reach {{city}} within {{days}} working days.',
      },
    ],
  },
  {
    name: 'damaged-item',
    agent,
    model,
    incident: null,
    steps: [
      {
        kind: 'user_message',
        afterMs: 0,
        tookMs: 5,
        trust: 'trusted',
        input: 'My {{product}} arrived with a broken corner. Order {{order}}. What now?',
      },
      {
        kind: 'memory_read',
        name: 'customer-notes',
        afterMs: 40,
        tookMs: 20,
        trust: 'trusted',
        output: '{{customer}} prefers e-mail; two orders this year, no earlier complaint.',
      },
      {
        kind: 'llm_call',
        afterMs: 30,
        tookMs: 1300,
        input: 'A damaged item was reported. Which policy applies?',
        output: 'The damage policy applies: a replacement, no return needed below 50 EUR.',
      },
      {
        kind: 'tool_call',
        name: 'create_ticket',
        afterMs: 30,
        tookMs: 180,
        trust: 'trusted',
        input: {
          subject: 'Damaged on arrival: {{product}}',
          order: '{{#order}}',
          queue: 'replacements',
        },
        output: { ticket: '{{#ticket}}', state: 'open' },
      },
      {
        kind: 'agent_message',
        afterMs: 20,
        tookMs: 5,
        output:
          'I am sorry about that. A replacement is on its way and ticket {{ticket}} keeps track of it; please keep a photo of the damage.',
      },
    ],
  },
  {
    name: 'opening-hours',
    agent,
    model,
    incident: null,
    steps: [
      {
        kind: 'user_message',
        afterMs: 0,
        tookMs: 5,
        trust: 'trusted',
        input: 'Is the {{city}} store open on {{weekday}} evening?',
      },
      {
        kind: 'tool_call',
        name: 'search_knowledge_base',
        afterMs: 80,
        tookMs: 70,
        trust: 'trusted',
        input: { query: 'opening hours {{city}}' },
        output: [{ title: 'Stores', text: '{{city}}: {{weekday}} 9:00–20:00.' }],
      },
      {
        kind: 'llm_call',
        afterMs: 20,
        tookMs: 600,
        input: 'Answer from the article.',
        output: '{{weekday}} until 20:00.',
      },
      {
        kind: 'agent_message',
        afterMs: 10,
        tookMs: 5,
        output: 'Yes, our {{city}} store is open until 20:00 on {{weekday}}s.',
      },
    ],
  },
];
