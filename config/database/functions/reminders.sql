-- Reminders: rows are the queue. The worker has these functions and nothing else.

-- app.ladder | caller: functions | right: none | test: tests/cases/test_reminders.py
-- Days before the date on which somebody is reminded; 0 is the morning itself, -1 the morning after.
CREATE FUNCTION app.ladder(severity text) RETURNS integer[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE severity WHEN 'critical' THEN '{30,14,7,3,1,0,-1}'::integer[]
                       WHEN 'important' THEN '{7,3,1,0,-1}'::integer[] ELSE '{1,0,-1}'::integer[] END
$$;

-- app.able_people | caller: functions | right: none | test: tests/cases/test_reminders.py
-- Who can be told about a case: living, active people who work on it, without a wall; whoever is away only where nobody
-- else is left. `holds`: lead and backup. Every ladder asks here, so that whoever is left out of one is left out of all.
CREATE FUNCTION app.able_people(wanted uuid) RETURNS TABLE (user_id uuid, holds boolean) LANGUAGE sql STABLE AS $$
  WITH able AS (
    SELECT a.user_id, a.role IN ('lead', 'backup') AS holds, app.absent(a.user_id) AS away
      FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
     WHERE a.case_id = wanted AND a.state = 'live' AND a.role NOT IN ('interpreter', 'deputy') AND NOT app.is_walled(a.user_id, wanted)
  )
  SELECT a.user_id, a.holds FROM able a WHERE NOT a.away OR NOT EXISTS (SELECT 1 FROM able o WHERE NOT o.away)
$$;

-- app.told_of | caller: functions | right: none | test: tests/cases/test_reminders.py
-- Whom a rung of a ladder speaks to: the assignee; where it climbs, or she is not among those who can be told, lead and
-- backup; where neither is left, whoever else works on the case. A case that nobody works on is on the board. The last rung
-- of a protected case, and each that would reach nobody, is its deputy's too.
CREATE FUNCTION app.told_of(wanted uuid, assignee uuid, climbs boolean, is_last boolean) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  WITH able AS (SELECT a.user_id, a.holds, a.user_id IS NOT DISTINCT FROM assignee AS is_assignee FROM app.able_people(wanted) a)
  SELECT a.user_id FROM able a
   WHERE a.is_assignee OR (a.holds AND (climbs OR NOT EXISTS (SELECT 1 FROM able o WHERE o.is_assignee)))
      OR NOT EXISTS (SELECT 1 FROM able o WHERE o.is_assignee OR o.holds)
  UNION SELECT d FROM app.deputies(wanted) d WHERE is_last OR NOT EXISTS (SELECT 1 FROM able)
$$;

-- app.stands_in | caller: web | right: whether it is the actor herself; yes or no | test: tests/cases/test_work_of_absent.py
-- Whether the actor does what somebody else should do on a case who is away today: she is who is reminded of it meanwhile.
CREATE FUNCTION app.stands_in(wanted uuid, person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN person <> app.uid() AND app.absent(person)
              THEN app.uid() IN (SELECT app.told_of(wanted, person, false, false)) ELSE false END
$$;

-- app.all_away | caller: functions | right: none | test: tests/cases/test_work_of_absent.py
-- Whether everybody who works on a case is away today. Not where nobody works on it at all: that is said elsewhere.
CREATE FUNCTION app.all_away(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(bool_and(app.absent(a.user_id)), false) FROM app.able_people(wanted) a
$$;

-- app.reminder_recipients | caller: functions | right: none | test: tests/cases/test_reminders.py
-- Of a date: it climbs from three days before.
CREATE FUNCTION app.reminder_recipients(wanted uuid, rung integer) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT app.told_of(d.case_id, d.assignee_id, rung <= 3, rung < 0) FROM cases_deadline d WHERE d.id = wanted
$$;

-- app.mail_wanted | caller: functions | right: none of its own | test: tests/cases/test_reminders.py
-- One of the two constant texts to a person, the urgent one also to her second address. A second mail within 15 minutes
-- waits until they are over, unless it is wanted at once; one that waits already is made urgent if it has to be.
CREATE FUNCTION app.mail_wanted(person uuid, urgent boolean, at_once boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  to_second boolean;
  not_before timestamptz;
BEGIN
  FOR to_second IN SELECT false UNION ALL SELECT true FROM accounts_mailaddress m
                    WHERE urgent AND m.user_id = person AND m.second <> '' LOOP
    UPDATE cases_mailout o SET kind = CASE WHEN urgent THEN 'now' ELSE o.kind END,
           leased_until = CASE WHEN NOT at_once THEN o.leased_until END
     WHERE o.recipient_id = person AND o.second = to_second AND o.state = 'due';
    CONTINUE WHEN FOUND;
    SELECT max(o.created_at) + interval '15 minutes' INTO not_before FROM cases_mailout o
     WHERE o.recipient_id = person AND o.second = to_second AND NOT at_once;
    INSERT INTO cases_mailout (id, recipient_id, kind, second, state, created_at, attempts, leased_until)
    VALUES (gen_random_uuid(), person, CASE WHEN urgent THEN 'now' ELSE 'next' END, to_second, 'due', clock_timestamp(), 0,
            CASE WHEN not_before > clock_timestamp() THEN not_before END);
  END LOOP;
END $$;

-- app.reminders_fire | caller: worker | right: dates and assignees only | test: tests/cases/test_reminders.py
-- Fires, for each running date, the latest rung whose morning (07:00 in the organisation's zone) has come, once for
-- each person. Notice, mark and mail row are one transaction. Missed ticks are caught up without a storm: rungs that
-- were passed over stay silent. Tasks and promises: app.tasks_fire.
-- Urgent requests: app.alerts_fire; an attempt that nobody has answered: app.attempts_climb.
CREATE FUNCTION app.reminders_fire(zone text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  fired integer := 0;
  told record;
BEGIN
  PERFORM pg_advisory_xact_lock(723001);  -- two workers at once would each see no mail of the other
  UPDATE cases_mailout o SET state = 'failed'
   WHERE o.state = 'sending' AND o.attempts >= 10 AND o.leased_until < clock_timestamp();
  FOR told IN
    WITH due AS (
      SELECT d.id, d.case_id, (SELECT min(r) FROM unnest(app.ladder(d.severity)) r
         WHERE (d.due_on - r + time '07:00') AT TIME ZONE zone <= clock_timestamp()
           AND (r <= 0 OR (d.due_on - r + time '07:00') AT TIME ZONE zone > d.set_at)) AS rung
        FROM cases_deadline d JOIN cases_case c ON c.id = d.case_id AND c.state IN ('open', 'erased')
       WHERE d.state = 'running' AND d.due_on <= (clock_timestamp() AT TIME ZONE zone)::date + 30
    ), marked AS (
      INSERT INTO cases_reminder (id, deadline_id, rung, recipient_id, fired_at)
      SELECT gen_random_uuid(), due.id, due.rung, person, clock_timestamp()
        FROM due, LATERAL app.reminder_recipients(due.id, due.rung) person WHERE due.rung IS NOT NULL
      ON CONFLICT DO NOTHING RETURNING deadline_id, recipient_id, rung
    ), noticed AS (
      INSERT INTO cases_notice (id, user_id, kind, case_id, deadline_id, created_at)
      SELECT gen_random_uuid(), m.recipient_id, 'date', due.case_id, m.deadline_id, clock_timestamp()
        FROM marked m JOIN due ON due.id = m.deadline_id
    )
    SELECT m.recipient_id, min(m.rung) <= 0 AS urgent, count(*)::integer AS number FROM marked m GROUP BY m.recipient_id
  LOOP
    PERFORM app.mail_wanted(told.recipient_id, told.urgent);
    fired := fired + told.number;
  END LOOP;
  PERFORM app.duty_clear();
  RETURN fired + app.tasks_fire(zone) + app.alerts_fire() + app.attempts_climb();
END $$;

-- app.mail_claim | caller: worker | right: address and which of two constant texts | test: tests/cases/test_reminders.py
-- Claims mails with a lease; whatever a dead worker had claimed is claimed again under the same id.
CREATE FUNCTION app.mail_claim(size integer, lease integer) RETURNS TABLE (id uuid, address text, language text, kind text)
LANGUAGE sql AS $$
  UPDATE cases_mailout o SET state = 'sending', attempts = o.attempts + 1,
         leased_until = clock_timestamp() + make_interval(secs => lease)
    FROM accounts_user u, accounts_mailaddress m
   WHERE u.id = o.recipient_id AND m.user_id = u.id AND u.is_active
     AND o.id IN (SELECT w.id FROM cases_mailout w JOIN accounts_user r ON r.id = w.recipient_id AND r.is_active
                    JOIN accounts_mailaddress d ON d.user_id = r.id
                   WHERE w.state IN ('due', 'sending') AND (w.leased_until IS NULL OR w.leased_until < clock_timestamp())
                   ORDER BY w.created_at LIMIT size FOR UPDATE OF w SKIP LOCKED)
  RETURNING o.id, (CASE WHEN o.second THEN m.second ELSE m.address END)::text, u.language::text, o.kind::text
$$;

-- app.mail_done | caller: worker | right: a mail it has claimed | test: tests/cases/test_reminders.py
-- A failed try waits longer each time (1, 2, 4 … 60 minutes) and stops after ten.
CREATE FUNCTION app.mail_done(wanted uuid, sent boolean) RETURNS void LANGUAGE sql AS $$
  UPDATE cases_mailout o SET
    state = CASE WHEN sent THEN 'sent' WHEN o.attempts >= 10 THEN 'failed' ELSE 'due' END,
    sent_at = CASE WHEN sent THEN clock_timestamp() END,
    leased_until = CASE WHEN sent THEN NULL ELSE clock_timestamp() + make_interval(mins => least(60, power(2, o.attempts - 1)::integer)) END
   WHERE o.id = wanted AND o.state = 'sending'
$$;

-- app.heartbeat | caller: worker | right: its own name | test: tests/cases/test_reminders.py
CREATE FUNCTION app.heartbeat(process text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO accounts_heartbeat (name, at) VALUES (process, clock_timestamp())
  ON CONFLICT (name) DO UPDATE SET at = excluded.at
$$;

-- app.health | caller: web, door | right: ages in seconds, and numbers: mails, days without a mailed head, keys out of order, members of intake | test: tests/accounts/test_health.py
CREATE FUNCTION app.health() RETURNS TABLE (seconds_since_tick integer, mails_waiting integer, mails_failed integer, heads_missing integer,
                                       wraps_wrong integer, intake_members integer, pairs_to_renew integer)
LANGUAGE sql STABLE AS $$
  SELECT (SELECT extract(epoch FROM clock_timestamp() - h.at)::integer FROM accounts_heartbeat h WHERE h.name = 'drain'),
         (SELECT count(*)::integer FROM cases_mailout o WHERE o.state IN ('due', 'sending')),
         (SELECT count(*)::integer FROM cases_mailout o WHERE o.state = 'failed'),
         app.heads_missing(@zone@), app.wraps_last(),
         (SELECT count(*)::integer FROM accounts_teammember m JOIN accounts_team t ON t.id = m.team_id AND t.kind = 'intake' AND t.retired_at IS NULL
            JOIN accounts_user u ON u.id = m.user_id AND u.is_active WHERE app.vouched(m.user_id)),
         (SELECT count(*)::integer FROM accounts_team t WHERE t.retired_at IS NULL AND t.renew_due_at IS NOT NULL)
$$;
