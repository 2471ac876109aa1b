export * from './agents.ts';
export * from './audit.ts';
export * from './detection.ts';
export * from './guard.ts';
export * from './telemetry.ts';
export * from './tenancy.ts';
