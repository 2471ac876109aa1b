ALTER TABLE "channels" ALTER COLUMN "severity_min" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "stop_id" uuid;--> statement-breakpoint
ALTER TABLE "deliveries" ADD COLUMN "credential_id" uuid;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_tenant_id_stop_id_stops_tenant_id_id_fk" FOREIGN KEY ("tenant_id","stop_id") REFERENCES "public"."stops"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_tenant_id_credential_id_credentials_tenant_id_id_fk" FOREIGN KEY ("tenant_id","credential_id") REFERENCES "public"."credentials"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "revocations_verified" ON "revocations" USING btree ("tenant_id","verified_at") WHERE verified_at is not null;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_stop_once" UNIQUE("tenant_id","channel_id","stop_id");--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_credential_once" UNIQUE("tenant_id","channel_id","credential_id");