-- A busy window lies in several rows, so that a batch writes what it added and not all that is kept.
ALTER TABLE "detector_state" ADD COLUMN "part" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "detector_state" DROP CONSTRAINT "detector_state_tenant_id_scope_key_pk";--> statement-breakpoint
ALTER TABLE "detector_state" ADD CONSTRAINT "detector_state_tenant_id_scope_key_part_pk" PRIMARY KEY("tenant_id","scope","key","part");
--> statement-breakpoint
-- What windows hold is ids, which hardly compress, and trying cost more than all the rest of a write.
ALTER TABLE "detector_state" ALTER COLUMN "state" SET STORAGE EXTERNAL;
