ALTER TABLE "rule_responses" ADD COLUMN "tries" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rule_responses" ADD COLUMN "next_try_at" timestamptz;