ALTER TABLE "traces" ADD COLUMN "context_told" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "traces" ADD COLUMN "context_lacking" smallint DEFAULT 0 NOT NULL;