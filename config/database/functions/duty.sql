-- Duty: who is on call, urgent alerts and their ladder, absence.

-- app.absent | caller: functions | right: none | test: tests/cases/test_absence.py
-- Whether she is away today, in the organisation's zone.
CREATE FUNCTION app.absent(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_absence a
                  WHERE a.user_id = person AND a.cancelled_at IS NULL
                    AND (clock_timestamp() AT TIME ZONE @zone@)::date BETWEEN a.from_on AND a.until_on)
$$;

-- app.nobody_else | caller: web | right: her own; for a coordinator those of the work board, without codes | test: tests/cases/test_away_alone.py
-- Open cases of a lead or backup of which no other lead or backup is there on all of these days, with the next date in
-- them; without days, those that have no other at all. What is protected or walled counts for nobody but herself.
CREATE FUNCTION app.nobody_else(person uuid, first date, last date) RETURNS TABLE (code text, due_on date, severity text)
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN person = app.uid() THEN c.code::text END, d.due_on, d.severity::text
    FROM cases_assignment m JOIN cases_case c ON c.id = m.case_id AND c.state = 'open'
    LEFT JOIN LATERAL (SELECT n.due_on, n.severity FROM cases_deadline n
                        WHERE n.case_id = c.id AND n.state = 'running' AND n.due_on BETWEEN first AND last
                        ORDER BY n.severity <> 'critical', n.due_on LIMIT 1) d ON true
   WHERE m.user_id = person AND m.state = 'live' AND m.role IN ('lead', 'backup') AND NOT c.id = ANY ((SELECT app.walled())::uuid[])
     AND (person = app.uid() OR (app.has_role('coordinator') AND c.compartment = 'standard'))
     AND NOT EXISTS (
       SELECT 1 FROM cases_assignment o JOIN accounts_user u ON u.id = o.user_id AND u.is_active
        WHERE o.case_id = c.id AND o.state = 'live' AND o.role IN ('lead', 'backup') AND o.user_id <> person
          AND NOT app.is_walled(o.user_id, c.id)
          AND NOT EXISTS (SELECT 1 FROM cases_absence a WHERE a.user_id = o.user_id AND a.cancelled_at IS NULL
                             AND a.from_on <= last AND a.until_on >= first))
   ORDER BY d.severity IS DISTINCT FROM 'critical', d.due_on NULLS LAST, c.code
$$;

-- app.on_call | caller: functions | right: none | test: tests/cases/test_alerts.py
-- Who is on call now (rung 0) and second (rung 5): active caseworkers. Overlapping shifts all count. Whoever stands on the
-- rota is on call, away or not: somebody has asked her. Being away only adds others.
CREATE FUNCTION app.on_call() RETURNS TABLE (rung integer, user_id uuid, ends_at timestamptz) LANGUAGE sql STABLE AS $$
  SELECT p.rung, u.id, s.ends_at
    FROM cases_dutyshift s
    CROSS JOIN LATERAL (VALUES (0, s.on_call_id), (5, s.second_id)) p (rung, person)
    JOIN accounts_user u ON u.id = p.person AND u.is_active AND 'caseworker' = ANY (u.roles)
   WHERE s.cancelled_at IS NULL AND s.starts_at <= clock_timestamp() AND s.ends_at > clock_timestamp()
$$;

-- app.answers_for_intake | caller: functions | right: none of its own | test: tests/security/test_insider.py
-- Whether a person is an active member of the present intake team: she can read the request she is alerted to.
CREATE FUNCTION app.answers_for_intake(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_teammember m
                   JOIN accounts_team t ON t.id = m.team_id AND t.kind = 'intake' AND t.retired_at IS NULL
                   JOIN accounts_user u ON u.id = m.user_id AND u.is_active AND 'caseworker' = ANY (u.roles)
                  WHERE m.user_id = person)
$$;

-- app.shift_planned | caller: trigger on cases_dutyshift | right: only members of intake are put on call or second | test: tests/security/test_insider.py
-- A shift of somebody who sees no request would be nobody's: the whole team would be alerted instead.
CREATE FUNCTION app.shift_planned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND (NOT app.answers_for_intake(NEW.on_call_id) OR NEW.ends_at > NEW.starts_at + interval '7 days') THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  IF NEW.second_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.second_id IS DISTINCT FROM OLD.second_id)
     AND (NEW.second_id = NEW.on_call_id OR NOT app.answers_for_intake(NEW.second_id)) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  RETURN NEW;
END $$;

-- app.shift_cancelled | caller: web (who has just cancelled it) | right: a shift that is not over, in her own name | test: tests/cases/test_rota.py
-- Whoever was on call and second learns that she is not any more; at once where it runs or begins within a day.
CREATE FUNCTION app.shift_cancelled(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE told record;
BEGIN
  FOR told IN SELECT p.person, s.starts_at < clock_timestamp() + interval '1 day' AS soon
                FROM cases_dutyshift s CROSS JOIN LATERAL (VALUES (s.on_call_id), (s.second_id)) p (person)
                JOIN accounts_user u ON u.id = p.person AND u.is_active
               WHERE s.id = wanted AND s.cancelled_by_id = app.uid() AND p.person <> app.uid() AND s.ends_at > clock_timestamp()
                 AND NOT EXISTS (SELECT 1 FROM cases_notice n WHERE n.user_id = p.person AND n.detail = wanted::text) LOOP
    INSERT INTO cases_notice (id, user_id, kind, detail, created_at)
    VALUES (gen_random_uuid(), told.person, 'handover', wanted::text, clock_timestamp());
    PERFORM app.mail_wanted(told.person, told.soon, told.soon);
  END LOOP;
END $$;

-- app.unanswered | caller: functions | right: none | test: tests/cases/test_alerts.py
-- Whether a request is urgent and nobody has acknowledged it yet.
CREATE FUNCTION app.unanswered(r cases_helprequest) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (r.in_danger_now OR r.thinks_of_ending_life OR r.risk = 'immediate')
     AND r.state = 'new' AND r.acknowledged_at IS NULL AND r.ended_at IS NULL
$$;

-- app.climbs_since | caller: functions | right: none | test: tests/cases/test_alerts.py
-- The moment from which the ladder of an unanswered urgent request climbs. "I take it" gives half an hour, and the time
-- until an answer is due; then it climbs from the ground.
CREATE FUNCTION app.climbs_since(r cases_helprequest) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN r.taken_at IS NULL OR r.taken_at < r.urgent_since THEN r.urgent_since
              ELSE greatest(r.taken_at + interval '30 minutes', r.respond_by) END
$$;

-- app.alert_people | caller: functions | right: none | test: tests/cases/test_alerts.py
-- Whom a rung reaches: on call and who has it, second on call, the whole team, every coordinator. Never anybody who may
-- not see the request; where on call or second would be nobody who is there, the whole team besides. An absent one only
-- where the rota names her or nobody else is left.
CREATE FUNCTION app.alert_people(wanted uuid, rung integer) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  WITH able AS (
    SELECT u.id, app.absent(u.id) AS away, alert_people.rung = 0 AND u.id = r.assignee_id AS holds,
           EXISTS (SELECT 1 FROM app.on_call() o WHERE o.user_id = u.id AND o.rung = alert_people.rung) AS named
      FROM cases_helprequest r JOIN accounts_user u ON u.is_active AND NOT app.is_walled(u.id, r.id)
     WHERE r.id = wanted
       AND CASE WHEN alert_people.rung < 15
                THEN EXISTS (SELECT 1 FROM accounts_teammember m WHERE m.team_id = r.team_id AND m.user_id = u.id)
                ELSE 'coordinator' = ANY (u.roles) END
  ), present AS (
    SELECT a.* FROM able a WHERE a.named OR NOT a.away OR NOT EXISTS (SELECT 1 FROM able o WHERE NOT o.away)
  )
  SELECT p.id FROM present p WHERE p.named OR p.holds OR NOT EXISTS (SELECT 1 FROM present o WHERE o.named AND NOT o.away)
$$;

-- app.alert_fire | caller: functions | right: none of its own | test: tests/cases/test_alerts.py
-- Every rung of one request that is due and was not fired yet: alert, notice and mail in one transaction. After downtime
-- several rungs speak at once, but each person gets one notice and one mail. Coordinators get the mail and a number on
-- the work board, no notice of a request that they may not see.
CREATE FUNCTION app.alert_fire(wanted uuid) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  begun timestamptz;
  told record;
  fired integer := 0;
BEGIN
  SELECT app.climbs_since(r) INTO begun FROM cases_helprequest r WHERE r.id = wanted AND app.unanswered(r);
  IF begun IS NULL OR begun > clock_timestamp() THEN RETURN 0; END IF;
  FOR told IN
    WITH marked AS (
      INSERT INTO cases_alert (id, request_id, since, rung, recipient_id, fired_at)
      SELECT gen_random_uuid(), wanted, begun, step, person, clock_timestamp()
        FROM unnest('{0,5,10,15}'::integer[]) step, LATERAL app.alert_people(wanted, step) person
       WHERE begun + make_interval(mins => step) <= clock_timestamp()
         AND NOT EXISTS (SELECT 1 FROM cases_alert a  -- a rung fires once, also where the rota has changed meanwhile
                          WHERE a.request_id = wanted AND a.since = begun AND a.rung = step)
      ON CONFLICT DO NOTHING RETURNING recipient_id, rung
    )
    SELECT m.recipient_id, min(m.rung) < 15 AS sees FROM marked m GROUP BY m.recipient_id
  LOOP
    INSERT INTO cases_notice (id, user_id, kind, request_id, created_at)
    SELECT gen_random_uuid(), told.recipient_id, 'alert', wanted, clock_timestamp()
     WHERE told.sees AND NOT EXISTS (SELECT 1 FROM cases_notice n WHERE n.user_id = told.recipient_id
                                      AND n.request_id = wanted AND n.kind = 'alert' AND n.acknowledged_at IS NULL);
    PERFORM app.mail_wanted(told.recipient_id, true, true);
    fired := fired + 1;
  END LOOP;
  RETURN fired;
END $$;

-- app.alerts_fire | caller: functions | right: none of its own | test: tests/cases/test_alerts.py
-- One step of every ladder, for the clock.
CREATE FUNCTION app.alerts_fire() RETURNS integer LANGUAGE sql AS $$
  SELECT coalesce(sum(app.alert_fire(r.id)), 0)::integer FROM cases_helprequest r
   WHERE r.state = 'new' AND r.ended_at IS NULL AND r.urgent_since IS NOT NULL
$$;

-- app.more_urgent | caller: functions | right: none | test: tests/cases/test_alerts.py
-- Whether something became known that makes a request urgent and was not known before.
CREATE FUNCTION app.more_urgent(was cases_helprequest, now cases_helprequest) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (now.in_danger_now AND NOT was.in_danger_now) OR (now.thinks_of_ending_life AND NOT was.thinks_of_ending_life)
      OR (now.risk = 'immediate' AND NOT (was.risk = 'immediate' OR was.in_danger_now OR was.thinks_of_ending_life))
$$;

-- app.urgency_begins | caller: trigger on cases_helprequest | right: none | test: tests/cases/test_alerts.py
-- Notes the moment at which a request becomes urgent, or urgent again after it was opened anew. An answer that she got
-- before it was urgent does not count: the request is new again, with a clock of its own; who has it and what was
-- promised stay. Whoever noted it and has answered her acknowledges it in a step of its own: one step cannot do both.
CREATE FUNCTION app.urgency_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.urgent_since := NULL;
  ELSIF NEW.state IN ('acknowledged', 'awaiting_person', 'waiting') AND app.more_urgent(OLD, NEW) THEN
    IF NEW.state = 'waiting' THEN NEW.promised_for := coalesce(NEW.promised_for, NEW.waiting_until); END IF;
    NEW.state := 'new';
    NEW.waiting_until := NULL;
    NEW.acknowledged_at := NULL;
    NEW.acknowledged_by_id := NULL;
    NEW.respond_by := clock_timestamp() + interval '15 minutes';  -- as for a new one: cases/services/clocks.py
  END IF;
  IF app.unanswered(NEW) AND (TG_OP = 'INSERT' OR NOT app.unanswered(OLD)) THEN
    NEW.urgent_since := clock_timestamp();
    NEW.taken_at := NULL;  -- "I take it" was said before it was urgent
    NEW.taken_by_id := NULL;
  END IF;
  RETURN NEW;
END $$;

-- app.urgency_alerts | caller: trigger on cases_helprequest | right: none | test: tests/cases/test_alerts.py
-- The first rung does not wait for the clock: it is in the same transaction as the request.
CREATE FUNCTION app.urgency_alerts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF app.unanswered(NEW) AND (TG_OP = 'INSERT' OR NOT app.unanswered(OLD)) THEN PERFORM app.alert_fire(NEW.id); END IF;
  RETURN NULL;
END $$;

-- app.urgent_waiting | caller: web (coordinator) | right: numbers and who was alerted; no code | test: tests/cases/test_alerts.py
-- How many urgent requests have no answer, how many of them have climbed past the team, of how many nobody could be alerted,
-- and who was alerted of one of them or more: which of them is not said, or the names would tell who is kept out of one. One
-- that somebody has taken rests. Nothing she must not see.
CREATE FUNCTION app.urgent_waiting() RETURNS TABLE (number integer, late integer, nobody integer, alerted text[]) LANGUAGE sql STABLE AS $$
  WITH waiting AS (
    SELECT r.id, app.climbs_since(r) AS begun
      FROM cases_helprequest r
     WHERE app.has_role('coordinator') AND r.state = 'new' AND r.ended_at IS NULL AND r.urgent_since IS NOT NULL
       AND app.unanswered(r) AND app.climbs_since(r) <= clock_timestamp()
       AND NOT r.id = ANY ((SELECT app.walled())::uuid[])
  ), told AS (
    SELECT w.id, u.display_name::text AS name FROM waiting w
      JOIN cases_alert a ON a.request_id = w.id AND a.since = w.begun AND a.rung < 15
      JOIN accounts_user u ON u.id = a.recipient_id
  )
  SELECT count(*)::integer,
         (count(*) FILTER (WHERE w.begun + interval '15 minutes' <= clock_timestamp()))::integer,
         (count(*) FILTER (WHERE w.id NOT IN (SELECT t.id FROM told t)))::integer,
         ARRAY(SELECT DISTINCT t.name FROM told t ORDER BY 1)
    FROM waiting w HAVING count(*) > 0
$$;

-- app.second_address_set | caller: web | right: her own address | test: tests/accounts/test_second_address.py
-- Where urgent texts go as well, such as a gateway to her phone; empty takes it away, with what waits for it.
CREATE FUNCTION app.second_address_set(typed text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF length(typed) > 200 OR (typed <> '' AND typed !~ '^[^@[:space:]]+@[^@[:space:]]+$') THEN RAISE EXCEPTION 'not_allowed'; END IF;
  UPDATE accounts_mailaddress m SET second = typed WHERE m.user_id = app.uid();
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF typed = '' THEN
    DELETE FROM cases_mailout o WHERE o.recipient_id = app.uid() AND o.second AND o.state IN ('due', 'sending');
  END IF;
END $$;
