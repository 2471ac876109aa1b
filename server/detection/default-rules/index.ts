import { canarySeen } from './canary-seen.ts';
import { errorRateJump } from './error-rate-jump.ts';
import { hiddenText } from './hidden-text.ts';
import { injectedInstructions } from './injected-instructions.ts';
import { injectionThenEffect } from './injection-then-effect.ts';
import { outcomeMissing } from './outcome-missing.ts';
import { overrideAttempt } from './override-attempt.ts';
import { permitBypass } from './permit-bypass.ts';
import { secretSentOut } from './secret-sent-out.ts';
import { stopViolated } from './stop-violated.ts';
import { toolFirstUse } from './tool-first-use.ts';
import { untrustedThenEffect } from './untrusted-then-effect.ts';
import { writeBurst } from './write-burst.ts';

/** Sigma sources that every tenant starts with, all enabled. Each carries its own tests. */
export const defaultRules: readonly string[] = [
  injectionThenEffect,
  injectedInstructions,
  overrideAttempt,
  canarySeen,
  secretSentOut,
  untrustedThenEffect,
  writeBurst,
  errorRateJump,
  hiddenText,
  toolFirstUse,
  stopViolated,
  permitBypass,
  outcomeMissing,
];
