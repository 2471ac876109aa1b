ALTER TABLE "leases" ADD COLUMN "token_format" text DEFAULT 'opaque' NOT NULL;--> statement-breakpoint
ALTER TABLE "revocations" ADD COLUMN "offline_until" timestamptz;