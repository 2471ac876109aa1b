ALTER TABLE "canaries" ADD COLUMN "document" text;--> statement-breakpoint
ALTER TABLE "canaries" ADD COLUMN "form" text;