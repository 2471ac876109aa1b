import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decodeModel } from '#server/guard/classifier/model-file.ts';
import { printReport } from '#server/guard/training/report.ts';
import { evaluateFolder, trainModel } from '#server/guard/training/train-model.ts';
import type { Call, Command, ExitCode } from './command.ts';
import { textFlag } from './command.ts';

const shippedFolder = join(import.meta.dirname, '../guard/model');

async function evaluate(call: Call): Promise<ExitCode> {
  const { report } = evaluateFolder(resolve(call.positionals[0] ?? ''), call.say);
  call.answer({ ...report }, printReport(report));
  return 0;
}

const figures = /<!-- figures -->[^]*<!-- end of figures -->/;

/** The card beside the weights says what was printed, so that neither can be older than the other. */
function writeCard(card: string, text: string): void {
  if (!existsSync(card)) return;
  const filled = `<!-- figures -->\n${text}\n<!-- end of figures -->`;
  writeFileSync(
    card,
    readFileSync(card, 'utf8').replace(figures, () => filled),
  );
}

async function train(call: Call): Promise<ExitCode> {
  const { file, report } = trainModel(resolve(call.positionals[0] ?? ''), call.say);
  const folder = resolve(textFlag(call, 'out', shippedFolder));
  const path = join(folder, 'weights.bin');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, file);
  const { version } = decodeModel(file);
  writeCard(join(folder, 'MODEL_CARD.md'), `Version \`${version}\`.\n\n${printReport(report)}`);
  call.answer(
    { version, path, bytes: file.length, ...report },
    `${version}, ${file.length} bytes: ${path}\n\n${printReport(report)}`,
  );
  return 0;
}

/** `signalbox guard eval DATA_DIR`: how well the classifier knows what it has never seen. */
export const guardEvalCommand: Command = {
  usage: 'DATA_DIR',
  summary: 'measure the injection classifier on corpora left out of its training',
  options: {},
  positionalsMin: 1,
  positionalsMax: 1,
  run: evaluate,
};

/** `signalbox guard train DATA_DIR`: the weights anew. */
export const guardTrainCommand: Command = {
  usage: 'DATA_DIR [--out DIR]',
  summary: 'measure, then rebuild the injection classifier’s weights from a data folder',
  options: { out: { type: 'string' } },
  positionalsMin: 1,
  positionalsMax: 1,
  run: train,
};
