export { type ReceivedOutcome, receivedOutcomes, receivedTargets } from '#db/enums.ts';
