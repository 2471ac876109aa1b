export { receivedOutcomes, receivedTargets } from '#db/enums.ts';
