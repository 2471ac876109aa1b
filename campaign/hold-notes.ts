/**
 * What the checker has to know beside the rows, as SQL: during which numbers and times a stop covered an
 * agent, and when grants and redeems were committed. Written by the database, so that a caller who loses
 * its answer loses no note; the last ones at the commit, after a pause of up to 60 ms, without which a
 * missing lock showed in none of 400 rounds.
 *
 * A stop of an agent, or of all (`agent_id` null), spans from its placing to its lift. Of a stop of all,
 * the span of an agent that goes first ends with that (`campaign_periods`); being held again begins a
 * span of its own, with the number and the acknowledgement of that moment.
 */
export const checkersNotes = `
  create table campaign_commits (id uuid not null, at timestamptz not null);
  create function note_commit() returns trigger language plpgsql security definer as $$ begin
    perform pg_sleep(random() * 0.06);
    insert into campaign_commits values (new.id, clock_timestamp());
    return null;
  end $$;
  create constraint trigger note_grant after insert on permits
    deferrable initially deferred for each row execute function note_commit();
  create constraint trigger note_redeem after update on permits
    deferrable initially deferred for each row
    when (new.redeemed_at is not null and old.redeemed_at is null) execute function note_commit();
  create constraint trigger note_lease after insert on leases
    deferrable initially deferred for each row execute function note_commit();
  create table campaign_introspections (lease_id uuid not null, asked_at timestamptz not null,
    is_active boolean not null);
  create table campaign_agents (id uuid primary key, scope_id text not null unique);

  create table campaign_spans (tenant_id uuid not null, stop_id uuid not null, agent_id uuid,
    epoch bigint not null, begun_at timestamptz not null, acknowledged_at timestamptz,
    end_epoch bigint, ended_at timestamptz);
  create table campaign_resumptions (stop_id uuid not null, agent_id uuid not null,
    epoch bigint not null, at timestamptz not null);
  create function epoch_of(tenant uuid) returns bigint language sql security definer as $$
    select epoch from stop_epochs where tenant_id = tenant $$;
  create function note_stop() returns trigger language plpgsql security definer as $$ begin
    insert into campaign_spans (tenant_id, stop_id, agent_id, epoch, begun_at)
      values (new.tenant_id, new.id, (select id from campaign_agents where scope_id = new.scope_id),
        new.epoch, new.placed_at);
    return null;
  end $$;
  create function note_acknowledgement() returns trigger language plpgsql security definer as $$ begin
    update campaign_spans set acknowledged_at = new.acknowledged_at
      where stop_id = new.id and acknowledged_at is null;
    return null;
  end $$;
  create function note_lift() returns trigger language plpgsql security definer as $$ begin
    update campaign_spans set end_epoch = epoch_of(new.tenant_id), ended_at = new.lifted_at
      where stop_id = new.id and ended_at is null;
    return null;
  end $$;
  create function note_first() returns trigger language plpgsql security definer as $$ begin
    insert into campaign_resumptions
      values (new.stop_id, new.agent_id, epoch_of(new.tenant_id), new.at);
    update campaign_spans set end_epoch = epoch_of(new.tenant_id), ended_at = new.at
      where stop_id = new.stop_id and agent_id = new.agent_id and ended_at is null;
    return null;
  end $$;
  create function note_held_again() returns trigger language plpgsql security definer as $$ begin
    insert into campaign_spans (tenant_id, stop_id, agent_id, epoch, begun_at)
      values (new.tenant_id, new.stop_id, new.agent_id, epoch_of(new.tenant_id), new.ended_at);
    return null;
  end $$;
  create trigger note_stop after insert on stops for each row execute function note_stop();
  create trigger note_acknowledgement after update on stops for each row
    when (new.acknowledged_at is not null and old.acknowledged_at is null)
    execute function note_acknowledgement();
  create trigger note_lift after update on stops for each row
    when (new.state = 'lifted' and old.state <> 'lifted') execute function note_lift();
  create trigger note_first after insert on stop_resumptions
    for each row execute function note_first();
  -- At the commit: the stop takes its new number after this row.
  create constraint trigger note_held_again after update on stop_resumptions
    deferrable initially deferred for each row
    when (new.ended_at is not null and old.ended_at is null) execute function note_held_again();

  create view campaign_periods as
    select s.stop_id, a.id as agent_id, s.epoch, s.begun_at, s.acknowledged_at,
      least(s.end_epoch, r.epoch) as end_epoch, least(s.ended_at, r.at) as ended_at
    from campaign_spans s
    join agents a on a.tenant_id = s.tenant_id and (s.agent_id is null or s.agent_id = a.id)
    left join lateral (select r.epoch, r.at from campaign_resumptions r
      where s.agent_id is null and r.stop_id = s.stop_id and r.agent_id = a.id
      order by r.epoch limit 1) r on true;`;
