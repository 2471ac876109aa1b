import type { EffectClass } from '#db/enums.ts';

/** What a tool can do, as risk and rules read it. */
export interface ToolFacts {
  /** 0 undone by itself · 1 by one call · 2 with work · 3 with help of others · 4 never. */
  readonly reversibility: number;
  /** 0 public · 1 internal · 2 business · 3 personal · 4 secrets, health, money. */
  readonly sensitivity: number;
  /** 0 one own record · 1 one record of others · 2 a team · 3 the company or strangers · 4 everybody. */
  readonly blastRadius: number;
  readonly effectClass: EffectClass;
  /** Argument names that an approval binds; null = all of them. */
  readonly loadBearingFields: readonly string[] | null;
}

interface CommonTool extends ToolFacts {
  readonly name: string;
  readonly description: string;
}

const tool = (
  name: string,
  effectClass: EffectClass,
  [reversibility, sensitivity, blastRadius]: readonly [number, number, number],
  description: string,
  loadBearingFields: readonly string[] | null = null,
): CommonTool => ({
  name,
  description,
  effectClass,
  reversibility,
  sensitivity,
  blastRadius,
  loadBearingFields,
});

/**
 * Tools under the names that agents commonly give them, with facts on the careful side: a start for
 * a new tenant, to be corrected under Settings. Where a name can mean much or little (`bash`,
 * `http_request`) it means much. A tool that writes where others read is `outbound` when strangers
 * can be among them, because that is the way out for what was read before.
 */
export const commonTools: readonly CommonTool[] = [
  // Files
  tool('read_file', 'read', [0, 2, 0], 'Read a file'),
  tool('list_directory', 'read', [0, 1, 0], 'List the files of a folder'),
  tool('search_files', 'read', [0, 2, 0], 'Search names or contents of files'),
  tool('write_file', 'write', [2, 2, 1], 'Write or replace a file', ['path', 'content']),
  tool('edit_file', 'write', [2, 2, 1], 'Change a part of a file', ['path', 'edits']),
  tool('create_file', 'write', [1, 1, 0], 'Make a new file', ['path', 'content']),
  tool('move_file', 'write', [1, 2, 1], 'Move or rename a file', ['source', 'destination']),
  tool('delete_file', 'destructive', [4, 2, 1], 'Delete a file'),
  tool('share_file', 'outbound', [3, 3, 3], 'Give somebody access to a file'),
  // Machines
  tool('bash', 'destructive', [4, 4, 3], 'Run any shell command'),
  tool('run_command', 'destructive', [4, 4, 3], 'Run a program on the host'),
  tool('execute_code', 'destructive', [4, 4, 3], 'Run code, not known to be in a sandbox'),
  tool('deploy', 'destructive', [3, 3, 4], 'Put a build into production'),
  tool('git_push', 'outbound', [3, 2, 3], 'Publish commits to a remote'),
  // Data
  tool('search_documents', 'read', [0, 2, 0], 'Search a knowledge base'),
  tool('query_database', 'read', [0, 3, 2], 'Read rows by a query'),
  tool('execute_sql', 'destructive', [4, 4, 4], 'Run any SQL statement'),
  tool('get_customer', 'read', [0, 3, 1], 'Read the record of one customer', ['customer_id']),
  tool('update_customer', 'write', [2, 3, 1], 'Change the record of one customer'),
  tool('delete_record', 'destructive', [4, 3, 1], 'Delete a record'),
  // The web
  tool('web_search', 'outbound', [0, 1, 3], 'Search the web; the query leaves the house', [
    'query',
  ]),
  tool('get_webpage', 'outbound', [0, 1, 3], 'Fetch a page; the address can carry data out', [
    'url',
  ]),
  tool('post_webpage', 'outbound', [4, 3, 4], 'Post content to a web page'),
  tool('http_request', 'outbound', [4, 4, 4], 'Send any HTTP request'),
  tool('browser_navigate', 'outbound', [0, 1, 3], 'Open an address in a browser', ['url']),
  tool('download_file', 'write', [1, 2, 1], 'Fetch a file from outside', ['url']),
  // Messages
  tool('read_inbox', 'read', [0, 3, 0], 'Read e-mail; what strangers wrote comes in'),
  tool('search_emails', 'read', [0, 3, 0], 'Search e-mail; what strangers wrote comes in'),
  tool('send_email', 'outbound', [4, 3, 3], 'Send an e-mail', null),
  tool('delete_email', 'destructive', [3, 3, 0], 'Delete an e-mail', ['email_id']),
  tool('send_direct_message', 'outbound', [4, 3, 1], 'Write to one person in a chat'),
  tool('send_channel_message', 'outbound', [3, 3, 2], 'Write to a channel of a chat'),
  tool('read_channel_messages', 'read', [0, 3, 2], 'Read a channel of a chat', ['channel']),
  tool('create_calendar_event', 'outbound', [1, 2, 2], 'Make an appointment and invite people'),
  tool('cancel_calendar_event', 'destructive', [2, 1, 2], 'Cancel an appointment', ['event_id']),
  // Money
  tool('get_balance', 'read', [0, 4, 0], 'Read the balance of an account'),
  tool('get_most_recent_transactions', 'read', [0, 4, 0], 'Read the last transactions'),
  tool('send_money', 'money', [4, 4, 1], 'Transfer money'),
  tool('schedule_transaction', 'money', [2, 4, 1], 'Order a later or repeated transfer'),
  tool('update_scheduled_transaction', 'money', [2, 4, 1], 'Change an ordered transfer'),
  tool('create_payment', 'money', [4, 4, 1], 'Charge a card or account'),
  tool('refund_order', 'money', [3, 4, 1], 'Pay an order back'),
  // People and access
  tool('create_user', 'write', [1, 3, 1], 'Make an account'),
  tool('delete_user', 'destructive', [3, 3, 1], 'Delete an account'),
  tool('update_password', 'destructive', [3, 4, 1], 'Set a password'),
  tool('grant_access', 'write', [2, 4, 2], 'Give somebody rights'),
  tool('get_secret', 'read', [0, 4, 2], 'Read a secret or credential', ['name']),
];

/**
 * The facts of a tool that nobody has described: the worst of each. What a name promises is no
 * reason to trust it.
 */
export const unknownToolFacts: ToolFacts = {
  reversibility: 4,
  sensitivity: 4,
  blastRadius: 4,
  effectClass: 'money',
  loadBearingFields: null,
};
