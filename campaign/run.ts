/** `npm run campaign -- NAME [--rounds N] [--seed S]`: one JSON line of counts; status 1 on a fault. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runBindingsCampaign } from './bindings.ts';
import { crashAims, runCrashCampaign } from './crash.ts';
import { runHoldCrashCampaign } from './hold-crash.ts';
import { runHoldCampaign } from './hold.ts';
import { runRevokeCrashCampaign } from './revoke-crash.ts';
import { runStopCrashCampaign } from './stop-crash.ts';

interface Campaign {
  readonly rounds: number;
  readonly run: (rounds: number, seed: number) => Promise<{ readonly ok: boolean }>;
}

/** Every campaign with its full size. */
const campaigns: Readonly<Record<string, Campaign>> = {
  crash: { rounds: 200, run: runCrashCampaign },
  'crash-worker': {
    rounds: 200,
    run: (rounds, seed) => runCrashCampaign(rounds, seed, crashAims.worker),
  },
  'hold-crash': { rounds: 300, run: runHoldCrashCampaign },
  'revoke-crash': { rounds: 90, run: runRevokeCrashCampaign },
  'stop-crash': { rounds: 90, run: runStopCrashCampaign },
  hold: { rounds: 10_000, run: runHoldCampaign },
  bindings: { rounds: 10_000, run: runBindingsCampaign },
};

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string' }, seed: { type: 'string' } },
  });
  const campaign = campaigns[positionals[0] ?? ''];
  const rounds = Number(values.rounds ?? campaign?.rounds);
  const seed = Number(values.seed ?? randomInt(2 ** 31));
  if (!campaign || !Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
    process.stderr.write(
      `usage: npm run campaign -- ${Object.keys(campaigns).join('|')} [--rounds N] [--seed S]\n`,
    );
    return 2;
  }
  process.stderr.write(`seed ${seed}\n`);
  const result = await campaign.run(rounds, seed);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.ok ? 0 : 1;
}

process.exit(await main());
