ALTER TABLE "rules" ALTER COLUMN "severity" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "kind" text DEFAULT 'rule' NOT NULL;--> statement-breakpoint
ALTER TABLE "rules" ADD CONSTRAINT "rules_filter_has_no_severity" CHECK ((kind = 'filter') = (severity is null));