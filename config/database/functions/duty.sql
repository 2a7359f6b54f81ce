-- Duty: who is on call, urgent alerts and their ladder, absence.

-- app.absent | caller: functions | right: none | test: tests/cases/test_absence.py
-- Whether she is away today, in the organisation's zone.
CREATE FUNCTION app.absent(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_absence a
                  WHERE a.user_id = person AND a.cancelled_at IS NULL
                    AND (clock_timestamp() AT TIME ZONE @zone@)::date BETWEEN a.from_on AND a.until_on)
$$;

-- app.on_call | caller: functions | right: none | test: tests/cases/test_alerts.py
-- Who is on call now (rung 0) and second (rung 5): active caseworkers who are not away. Overlapping shifts all count.
CREATE FUNCTION app.on_call() RETURNS TABLE (rung integer, user_id uuid, ends_at timestamptz) LANGUAGE sql STABLE AS $$
  SELECT p.rung, u.id, s.ends_at
    FROM cases_dutyshift s
    CROSS JOIN LATERAL (VALUES (0, s.on_call_id), (5, s.second_id)) p (rung, person)
    JOIN accounts_user u ON u.id = p.person AND u.is_active AND 'caseworker' = ANY (u.roles)
   WHERE s.cancelled_at IS NULL AND s.starts_at <= clock_timestamp() AND s.ends_at > clock_timestamp()
     AND NOT app.absent(u.id)
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
-- Whom a rung reaches: on call, second on call, the whole team, every coordinator. Never anybody who may not see the
-- request; where on call or second would be nobody, the whole team. An absent one only where nobody else is left.
CREATE FUNCTION app.alert_people(wanted uuid, rung integer) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  WITH able AS (
    SELECT u.id, app.absent(u.id) AS away,
           EXISTS (SELECT 1 FROM app.on_call() o WHERE o.user_id = u.id AND o.rung = alert_people.rung) AS named
      FROM cases_helprequest r JOIN accounts_user u ON u.is_active AND NOT app.is_walled(u.id, r.id)
     WHERE r.id = wanted
       AND CASE WHEN alert_people.rung < 15
                THEN EXISTS (SELECT 1 FROM accounts_teammember m WHERE m.team_id = r.team_id AND m.user_id = u.id)
                ELSE 'coordinator' = ANY (u.roles) END
  ), present AS (
    SELECT a.id, a.named FROM able a WHERE NOT a.away OR NOT EXISTS (SELECT 1 FROM able o WHERE NOT o.away)
  )
  SELECT p.id FROM present p WHERE p.named OR NOT EXISTS (SELECT 1 FROM present o WHERE o.named)
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

-- app.urgency_begins | caller: trigger on cases_helprequest | right: none | test: tests/cases/test_alerts.py
-- Notes the moment at which a request becomes urgent, or urgent again after it was opened anew.
CREATE FUNCTION app.urgency_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN NEW.urgent_since := NULL; END IF;
  IF app.unanswered(NEW) AND (TG_OP = 'INSERT' OR NOT app.unanswered(OLD)) THEN
    NEW.urgent_since := clock_timestamp();
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
-- How many urgent requests have no answer, how many of them have climbed past the team, and who was alerted to them. One
-- that somebody has taken rests. Nothing she must not see.
CREATE FUNCTION app.urgent_waiting() RETURNS TABLE (number integer, late integer, alerted text[]) LANGUAGE sql STABLE AS $$
  WITH waiting AS (
    SELECT r.id, app.climbs_since(r) AS begun FROM cases_helprequest r
     WHERE app.has_role('coordinator') AND r.state = 'new' AND r.ended_at IS NULL AND r.urgent_since IS NOT NULL
       AND app.unanswered(r) AND app.climbs_since(r) <= clock_timestamp()
       AND NOT r.id = ANY ((SELECT app.walled())::uuid[])
  )
  SELECT count(*)::integer,
         (count(*) FILTER (WHERE w.begun + interval '15 minutes' <= clock_timestamp()))::integer,
         ARRAY(SELECT DISTINCT u.display_name FROM waiting o
                 JOIN cases_alert a ON a.request_id = o.id AND a.since = o.begun AND a.rung < 15
                 JOIN accounts_user u ON u.id = a.recipient_id ORDER BY u.display_name)
    FROM waiting w
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
