import { agentConfigChanged } from './agent-config-changed.ts';
import { answerContradicts } from './answer-contradicts.ts';
import { approvalBypassWording } from './approval-bypass-wording.ts';
import { approvalSwitchedOff } from './approval-switched-off.ts';
import { bulkAccess } from './bulk-access.ts';
import { callLoop } from './call-loop.ts';
import { callWithoutLease } from './call-without-lease.ts';
import { canarySeen } from './canary-seen.ts';
import { credentialFile } from './credential-file.ts';
import { dataOutOfScope } from './data-out-of-scope.ts';
import { deadLeasePresented } from './dead-lease-presented.ts';
import { decodeAndRun } from './decode-and-run.ts';
import { deniedBurst } from './denied-burst.ts';
import { destructiveCommand } from './destructive-command.ts';
import { drillOverdue } from './drill-overdue.ts';
import { drillSignal } from './drill-signal.ts';
import { dropPoint } from './drop-point.ts';
import { encodedPayload } from './encoded-payload.ts';
import { errorRateJump } from './error-rate-jump.ts';
import { foreignPackageSource } from './foreign-package-source.ts';
import { hiddenTextThenEffect } from './hidden-text-then-effect.ts';
import { hiddenText } from './hidden-text.ts';
import { hostEscape } from './host-escape.ts';
import { imageExfiltration } from './image-exfiltration.ts';
import { injectedInstructions } from './injected-instructions.ts';
import { injectionSuspected } from './injection-suspected.ts';
import { injectionThenEffect } from './injection-then-effect.ts';
import { injectionThenMemory } from './injection-then-memory.ts';
import { instructionsMixed } from './instructions-mixed.ts';
import { inwardRequest } from './inward-request.ts';
import { keptSecretSeen } from './kept-secret-seen.ts';
import { mailToMany } from './mail-to-many.ts';
import { metadataService } from './metadata-service.ts';
import { modelChanged } from './model-changed.ts';
import { newArgumentShape } from './new-argument-shape.ts';
import { newDestination } from './new-destination.ts';
import { falseBlockReported } from './false-block-reported.ts';
import { outcomeMissing } from './outcome-missing.ts';
import { overrideAttempt } from './override-attempt.ts';
import { permissionProbing } from './permission-probing.ts';
import { permitBypass } from './permit-bypass.ts';
import { persistencePlanted } from './persistence-planted.ts';
import { personalDataSentOut } from './personal-data-sent-out.ts';
import { pipeToInterpreter } from './pipe-to-interpreter.ts';
import { promptExtraction } from './prompt-extraction.ts';
import { reverseShell } from './reverse-shell.ts';
import { runawayTrace } from './runaway-trace.ts';
import { secretInAnswer } from './secret-in-answer.ts';
import { secretReadThenSent } from './secret-read-then-sent.ts';
import { secretSentOut } from './secret-sent-out.ts';
import { spawnStorm } from './spawn-storm.ts';
import { stopViolated } from './stop-violated.ts';
import { suspectedArgument } from './suspected-argument.ts';
import { systemPromptChanged } from './system-prompt-changed.ts';
import { tokenBlowUp } from './token-blow-up.ts';
import { toolDefinitionChanged } from './tool-definition-changed.ts';
import { toolErrorJump } from './tool-error-jump.ts';
import { toolFirstUse } from './tool-first-use.ts';
import { toolMixDrift } from './tool-mix-drift.ts';
import { tracksCovered } from './tracks-covered.ts';
import { unscannedContent } from './unscanned-content.ts';
import { untrustedMemoryWrite } from './untrusted-memory-write.ts';
import { untrustedThenEffect } from './untrusted-then-effect.ts';
import { unusualSequence } from './unusual-sequence.ts';
import { volumeJump } from './volume-jump.ts';
import { writeBurst } from './write-burst.ts';

/** Sigma sources that every tenant starts with, all enabled. Each carries its own tests. */
export const defaultRules: readonly string[] = [
  injectionThenEffect,
  injectedInstructions,
  injectionSuspected,
  suspectedArgument,
  answerContradicts,
  instructionsMixed,
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
  falseBlockReported,
  keptSecretSeen,
  callWithoutLease,
  deadLeasePresented,
  pipeToInterpreter,
  decodeAndRun,
  reverseShell,
  metadataService,
  credentialFile,
  destructiveCommand,
  persistencePlanted,
  hostEscape,
  tracksCovered,
  agentConfigChanged,
  approvalSwitchedOff,
  approvalBypassWording,
  dropPoint,
  imageExfiltration,
  personalDataSentOut,
  secretReadThenSent,
  secretInAnswer,
  mailToMany,
  newDestination,
  untrustedMemoryWrite,
  injectionThenMemory,
  hiddenTextThenEffect,
  systemPromptChanged,
  toolDefinitionChanged,
  modelChanged,
  deniedBurst,
  permissionProbing,
  callLoop,
  runawayTrace,
  tokenBlowUp,
  spawnStorm,
  bulkAccess,
  promptExtraction,
  unscannedContent,
  foreignPackageSource,
  inwardRequest,
  encodedPayload,
  volumeJump,
  unusualSequence,
  newArgumentShape,
  dataOutOfScope,
  toolErrorJump,
  toolMixDrift,
  drillSignal,
  drillOverdue,
];
