-- Tasks and promises: when somebody is reminded of them, and who may change what.

-- app.task_rungs | caller: functions | right: none | test: tests/cases/test_task_reminders.py
-- When a task is reminded of. A promised minute: 15 minutes before, at the minute, and half an hour after it, where
-- it climbs to lead and backup. A day: its morning, and the morning after, where it climbs. Rungs are minutes before;
-- below zero it is overdue. Mornings are at 07:00 in the organisation's zone, also across a change of the clocks.
CREATE FUNCTION app.task_rungs(due_at timestamptz, exact boolean, zone text) RETURNS TABLE (rung integer, at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT r, due_at - make_interval(mins => r) FROM unnest('{15,0,-30}'::integer[]) r WHERE exact
  UNION ALL
  SELECT r, ((due_at AT TIME ZONE zone)::date - r / 1440 + time '07:00') AT TIME ZONE zone
    FROM unnest('{0,-1440}'::integer[]) r WHERE NOT exact
$$;

-- app.task_rung | caller: functions | right: none | test: tests/cases/test_task_reminders.py
-- The rung that speaks now: the latest whose moment has come; those passed over by a long silence stay silent. Whoever
-- sets a task for herself is not told what she knows: only of rungs that came afterwards.
CREATE FUNCTION app.task_rung(wanted uuid, zone text) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT r.rung FROM cases_task t, LATERAL app.task_rungs(t.due_at, t.exact, zone) r
   WHERE t.id = wanted AND r.at <= clock_timestamp()
     AND (r.at > t.set_at OR (r.rung >= 0 AND t.assignee_id IS DISTINCT FROM t.set_by_id))
   ORDER BY r.at DESC LIMIT 1
$$;

-- app.tasks_fire | caller: functions | right: none of its own | test: tests/cases/test_task_reminders.py
-- Fires the rung of each open task, once for each person and moment: a task that was moved is reminded of anew. The mail
-- about a promised minute is urgent and waits for nothing. On the desk the new reminder takes the place of the older one about the same task.
CREATE FUNCTION app.tasks_fire(zone text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  fired integer := 0;
  told record;
BEGIN
  FOR told IN
    WITH due AS (
      SELECT t.id, t.case_id, t.assignee_id, t.due_at, t.exact, app.task_rung(t.id, zone) AS rung
        FROM cases_task t JOIN cases_case c ON c.id = t.case_id AND c.state = 'open'
       WHERE t.state = 'open' AND t.due_at < clock_timestamp() + interval '2 days'
    ), marked AS (
      INSERT INTO cases_taskreminder (id, task_id, rung, due_at, recipient_id, fired_at)
      SELECT gen_random_uuid(), due.id, due.rung, due.due_at, person, clock_timestamp()
        FROM due, LATERAL app.told_of(due.case_id, due.assignee_id, due.rung < 0, due.rung < 0) person WHERE due.rung IS NOT NULL
      ON CONFLICT DO NOTHING RETURNING task_id, recipient_id
    ), replaced AS (
      UPDATE cases_notice n SET acknowledged_at = clock_timestamp() FROM marked m
       WHERE n.task_id = m.task_id AND n.user_id = m.recipient_id AND n.acknowledged_at IS NULL
    ), noticed AS (
      INSERT INTO cases_notice (id, user_id, kind, case_id, task_id, created_at)
      SELECT gen_random_uuid(), m.recipient_id, 'task', due.case_id, m.task_id, clock_timestamp()
        FROM marked m JOIN due ON due.id = m.task_id
    )
    SELECT m.recipient_id, bool_or(due.exact) AS promised, count(*)::integer AS number
      FROM marked m JOIN due ON due.id = m.task_id GROUP BY m.recipient_id
  LOOP
    PERFORM app.mail_wanted(told.recipient_id, told.promised, told.promised);
    fired := fired + told.number;
  END LOOP;
  RETURN fired;
END $$;

-- app.task_changed | caller: trigger on cases_task | right: settled in her own name only; moved while it is open; for people on the case | test: tests/security/test_plan_records.py
CREATE FUNCTION app.task_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.settled_by_id IS DISTINCT FROM OLD.settled_by_id AND NEW.settled_by_id <> app.uid()
     OR (NEW.state <> 'open') <> (NEW.settled_by_id IS NOT NULL)
     OR (OLD.state <> 'open' AND NEW.state <> 'open' AND NEW.state <> OLD.state)
     OR (OLD.state <> 'open' AND NEW.due_at <> OLD.due_at)
     OR (NEW.assignee_id IS DISTINCT FROM OLD.assignee_id AND NOT app.works_here(NEW.assignee_id, NEW.case_id)
         AND NOT app.falls_to(NEW.case_id, OLD.assignee_id, NEW.assignee_id)) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  RETURN NEW;
END $$;

-- app.heir | caller: functions | right: none | test: tests/security/test_work_falls.py
-- Whose the work of somebody is who is on a case no more: its lead's, else a backup's, else nobody's (NULL).
CREATE FUNCTION app.heir(wanted uuid, besides uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT a.user_id FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
   WHERE a.case_id = wanted AND a.state = 'live' AND a.role IN ('lead', 'backup') AND a.user_id <> besides
   ORDER BY a.role = 'lead' DESC, a.live_at LIMIT 1
$$;

-- app.falls_to | caller: functions | right: none | test: tests/security/test_work_falls.py
-- Whether work goes from somebody who is on the case no more to whoever it falls to: the one change of hands that needs
-- nobody who holds the case.
CREATE FUNCTION app.falls_to(wanted uuid, person uuid, next uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT next IS NOT DISTINCT FROM app.heir(wanted, person)
     AND NOT EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = wanted AND a.user_id = person AND a.state = 'live')
$$;

-- app.work_falls | caller: functions | right: none of its own | test: tests/security/test_work_falls.py
-- Open tasks, promises and dates of somebody who is on the case no more are somebody else's: each a line of the timeline.
CREATE FUNCTION app.work_falls(wanted uuid, person uuid) RETURNS void LANGUAGE sql AS $$
  WITH given AS (
    UPDATE cases_task t SET assignee_id = app.heir(wanted, person)
     WHERE t.case_id = wanted AND t.assignee_id = person AND t.state = 'open' RETURNING 'task' AS kind, t.id
  ), dates AS (
    UPDATE cases_deadline d SET assignee_id = app.heir(wanted, person)
     WHERE d.case_id = wanted AND d.assignee_id = person AND d.state NOT IN ('met', 'waived') RETURNING 'date' AS kind, d.id
  )
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  SELECT gen_random_uuid(), wanted, f.kind, f.id, 'reassigned', clock_timestamp(), app.uid()
    FROM (SELECT g.kind, g.id FROM given g UNION ALL SELECT d.kind, d.id FROM dates d) f
$$;

-- app.works_here | caller: policies and functions | right: holds the case | test: tests/security/test_plan_records.py
-- Whether somebody has a live role on a case that the actor sees.
CREATE FUNCTION app.works_here(person uuid, wanted uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT app.holds(wanted, 'view_case')
     AND EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = wanted AND a.user_id = person AND a.state = 'live')
$$;

-- app.safety_plan_changed | caller: trigger on cases_safetyplan | right: in her own name only | test: tests/security/test_plan_records.py
CREATE FUNCTION app.safety_plan_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.reviewed_by_id IS DISTINCT FROM app.uid() THEN RAISE EXCEPTION 'not_allowed'; END IF;
  RETURN NEW;
END $$;
