ALTER TABLE "permits" DROP CONSTRAINT "permits_tenant_id_action_id_actions_tenant_id_id_fk";
