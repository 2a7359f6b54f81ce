-- What somebody who leaves, or has left, leaves behind: for whoever takes over, without content.

-- app.survivors_told | caller: functions | right: none of its own | test: tests/security/test_leaving.py
-- On each open case that she leads: a task to tell the survivor, for a backup who is there, else for a caseworker of the case,
-- else for whoever comes. Its kind says what it is; nothing is sealed. Due in three days.
CREATE FUNCTION app.survivors_told(person uuid) RETURNS void LANGUAGE sql AS $$
  WITH led AS (
    SELECT c.id, (SELECT b.user_id FROM cases_assignment b JOIN accounts_user u ON u.id = b.user_id AND u.is_active
                   WHERE b.case_id = c.id AND b.state = 'live' AND b.role IN ('backup', 'caseworker') AND b.user_id <> person
                     AND NOT app.is_walled(b.user_id, c.id)
                   ORDER BY app.absent(b.user_id), b.role, b.live_at LIMIT 1) AS teller
      FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id AND c.state = 'open'
     WHERE a.user_id = person AND a.state = 'live' AND a.role = 'lead'
  ), made AS (
    INSERT INTO cases_task (id, case_id, nonce, kind, due_at, exact, state, assignee_id, set_at, set_by_id)
    SELECT gen_random_uuid(), led.id, gen_random_uuid(), 'tell',
           ((clock_timestamp() AT TIME ZONE @zone@)::date + 4 - interval '1 minute') AT TIME ZONE @zone@, false, 'open', led.teller,
           clock_timestamp(), app.uid()
      FROM led RETURNING id, case_id
  )
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  SELECT gen_random_uuid(), m.case_id, 'task', m.id, 'set', clock_timestamp(), app.uid() FROM made m
$$;

-- app.left_cases | caller: functions | right: none of its own | test: tests/security/test_leaving.py
-- The cases of somebody who is here: those she works on. Of somebody who was deactivated: those she worked on until then.
-- Without cases that the actor must not see: no wall changes a number.
CREATE FUNCTION app.left_cases(person uuid) RETURNS TABLE (case_id uuid, role text) LANGUAGE sql STABLE AS $$
  SELECT a.case_id, a.role::text FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id
   WHERE a.user_id = person AND NOT app.is_walled(app.uid(), a.case_id)
     AND CASE WHEN u.is_active THEN a.state = 'live' ELSE a.state = 'ended' AND a.end_reason = 'deactivated' AND a.live_at IS NOT NULL END
$$;

-- app.leaver_counted | caller: functions | right: none of its own | test: tests/security/test_leaving.py
-- Who sees the numbers about a person: whoever runs the house, and her named supervisor. Never she herself.
CREATE FUNCTION app.leaver_counted(person uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT person <> app.uid() AND (app.has_role('coordinator', 'administrator')
      OR EXISTS (SELECT 1 FROM cases_workprofile w WHERE w.user_id = person AND w.supervisor_id = app.uid()))
$$;

-- app.leaver_code | caller: functions | right: none of its own | test: tests/security/test_leaving.py
-- Who reads the code of a case in such a list: whoever works on it, and a coordinator what stands on her board anyway. An
-- administrator reads none.
CREATE FUNCTION app.leaver_code(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT app.holds(wanted, 'view_case')
      OR (app.has_role('coordinator')
          AND (app.nobody_holds(wanted) OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = wanted AND c.state = 'open' AND c.compartment = 'standard'))
          AND NOT app.is_walled(app.uid(), wanted))
$$;

-- app.leaver_looked | caller: functions | right: none of its own | test: tests/security/test_leaving.py
-- What she printed, exported, downloaded and opened in 90 days, from the log.
CREATE FUNCTION app.leaver_looked(person uuid) RETURNS TABLE (case_id uuid, action text, at timestamptz) LANGUAGE sql STABLE AS $$
  SELECT c.id, e.action, e.at
    FROM (SELECT v.action::text AS action, v.at, CASE WHEN v.object_id ~ '^[0-9a-f-]{36}$' THEN v.object_id::uuid END AS object
            FROM accounts_auditevent v
           WHERE v.actor = person::text AND v.outcome = 'done' AND v.at >= clock_timestamp() - interval '90 days'
             AND v.action IN ('case_printed', 'safety_plan_printed', 'case_exported', 'file_downloaded', 'identity_opened')) e
    LEFT JOIN cases_casefile f ON e.action = 'file_downloaded' AND f.id = e.object
    JOIN cases_case c ON c.id = CASE WHEN e.action = 'file_downloaded' THEN f.case_id ELSE e.object END
   WHERE NOT app.is_walled(app.uid(), c.id)
$$;

-- app.leavers | caller: web (coordinator, administrator, caseworker) | right: names and numbers; a caseworker only people she supervises, or whose cases she works on | test: tests/security/test_leaving.py
-- Who was deactivated, the latest first: how many open cases she led, how many of them nobody leads yet, on how many keys are
-- parked. A caseworker gets only cases of her own counted, unless she is the named supervisor.
CREATE FUNCTION app.leavers(start integer, size integer)
RETURNS TABLE (person uuid, name text, deactivated_at timestamptz, led integer, unled integer, parked integer) LANGUAGE sql STABLE AS $$
  SELECT u.id, u.display_name::text, u.deactivated_at, n.led, n.unled, n.parked
    FROM accounts_user u
   CROSS JOIN LATERAL (
     SELECT count(*) FILTER (WHERE l.role = 'lead')::integer AS led,
            count(*) FILTER (WHERE l.role = 'lead' AND NOT EXISTS (SELECT 1 FROM cases_assignment a
                              WHERE a.case_id = l.case_id AND a.state = 'live' AND a.role = 'lead'))::integer AS unled,
            count(*) FILTER (WHERE EXISTS (SELECT 1 FROM vault_wrap w
                              WHERE w.case_id = l.case_id AND w.user_id = u.id AND w.state = 'parked'))::integer AS parked,
            count(*)::integer AS cases
       FROM app.left_cases(u.id) l JOIN cases_case c ON c.id = l.case_id AND c.state = 'open'
      WHERE app.leaver_counted(u.id) OR app.holds(c.id, 'view_case')) n
   WHERE NOT u.is_active AND u.enrolled_at IS NOT NULL AND app.has_role('coordinator', 'administrator', 'caseworker')
     AND (app.leaver_counted(u.id) OR n.cases > 0)
   ORDER BY u.deactivated_at DESC, u.id OFFSET start LIMIT size
$$;

-- app.leaver | caller: web | right: as app.leavers, and people who are here for whoever runs the house and their named supervisor | test: tests/security/test_leaving.py
-- The numbers of one person; those besides the cases only for whoever app.leaver_counted names, else NULL.
CREATE FUNCTION app.leaver(wanted uuid)
RETURNS TABLE (name text, deactivated_at timestamptz, led integer, others integer, only_hers integer, parked integer, prints integer,
               files integer, exports integer, identities integer) LANGUAGE sql STABLE AS $$
  WITH mine AS MATERIALIZED (
    SELECT l.case_id, l.role FROM app.left_cases(wanted) l JOIN cases_case c ON c.id = l.case_id AND c.state = 'open'
     WHERE app.leaver_counted(wanted) OR app.holds(c.id, 'view_case')
  ), looks AS MATERIALIZED (SELECT k.action FROM app.leaver_looked(wanted) k WHERE app.leaver_counted(wanted))
  SELECT u.display_name::text, u.deactivated_at,
         (SELECT count(*)::integer FROM mine WHERE role = 'lead'), (SELECT count(*)::integer FROM mine WHERE role <> 'lead'),
         (SELECT count(DISTINCT w.case_id)::integer FROM mine JOIN vault_wrap w ON w.case_id = mine.case_id AND w.user_id = wanted AND w.state = 'live'
           WHERE NOT EXISTS (SELECT 1 FROM vault_wrap o WHERE o.case_id = w.case_id AND o.purpose = w.purpose AND o.version = w.version
                                                          AND o.state = 'live' AND o.user_id <> wanted)),
         (SELECT count(DISTINCT w.case_id)::integer FROM mine JOIN vault_wrap w ON w.case_id = mine.case_id AND w.user_id = wanted AND w.state = 'parked'),
         t.prints, t.files, t.exports, t.identities
    FROM accounts_user u
   CROSS JOIN LATERAL (
     SELECT CASE WHEN app.leaver_counted(wanted) THEN count(*) FILTER (WHERE k.action IN ('case_printed', 'safety_plan_printed')) END::integer AS prints,
            CASE WHEN app.leaver_counted(wanted) THEN count(*) FILTER (WHERE k.action = 'file_downloaded') END::integer AS files,
            CASE WHEN app.leaver_counted(wanted) THEN count(*) FILTER (WHERE k.action = 'case_exported') END::integer AS exports,
            CASE WHEN app.leaver_counted(wanted) THEN count(*) FILTER (WHERE k.action = 'identity_opened') END::integer AS identities
       FROM looks k) t
   WHERE u.id = wanted AND u.enrolled_at IS NOT NULL
     AND (app.leaver_counted(wanted)
          OR (NOT u.is_active AND app.has_role('caseworker', 'coordinator', 'administrator') AND EXISTS (SELECT 1 FROM mine)))
$$;

-- app.leaver_cases | caller: web | right: codes as app.leaver_code says | test: tests/security/test_leaving.py
-- Her open cases by code: her role, who leads now, who else holds all keys, whether keys are parked or only hers, whether the
-- survivor was told; and dates of erased cases. What nobody leads first.
CREATE FUNCTION app.leaver_cases(wanted uuid, start integer, size integer)
RETURNS TABLE (code text, role text, lead text, holders integer, parked boolean, only_hers boolean, tell boolean, mine boolean, erased boolean) LANGUAGE sql STABLE AS $$
  SELECT c.code::text, l.role,
         coalesce((SELECT u.display_name FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id
                    WHERE a.case_id = c.id AND a.state = 'live' AND a.role = 'lead'), '')::text AS lead,
         (SELECT count(*)::integer FROM cases_assignment a WHERE a.case_id = c.id AND a.state = 'live' AND a.role IN ('lead', 'backup')
                                                             AND a.user_id <> wanted),
         EXISTS (SELECT 1 FROM vault_wrap w WHERE w.case_id = c.id AND w.user_id = wanted AND w.state = 'parked'),
         EXISTS (SELECT 1 FROM vault_wrap w WHERE w.case_id = c.id AND w.user_id = wanted AND w.state = 'live' AND NOT EXISTS (
                   SELECT 1 FROM vault_wrap o WHERE o.case_id = w.case_id AND o.purpose = w.purpose AND o.version = w.version
                                                AND o.state = 'live' AND o.user_id <> wanted)),
         EXISTS (SELECT 1 FROM cases_task t WHERE t.case_id = c.id AND t.kind = 'tell' AND t.state = 'open'),
         app.holds(c.id, 'view_case'), c.state = 'erased'
    FROM app.left_cases(wanted) l JOIN cases_case c ON c.id = l.case_id AND (c.state = 'open' OR (c.state = 'erased' AND l.role IN ('lead', 'backup')))
   WHERE app.leaver_code(c.id) AND EXISTS (SELECT 1 FROM app.leaver(wanted))
   ORDER BY l.role <> 'lead', EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = c.id AND a.state = 'live' AND a.role = 'lead'), c.code OFFSET start LIMIT size
$$;

-- app.leaver_looks | caller: web | right: with the code for whoever works on the case, as app.leaver_counted says without | test: tests/security/test_leaving.py
-- What she took along in 90 days: code where the actor works on the case, else ''; one line a case and kind.
CREATE FUNCTION app.leaver_looks(wanted uuid)
RETURNS TABLE (code text, action text, number integer, last_at timestamptz) LANGUAGE sql STABLE AS $$
  WITH looks AS (
    SELECT CASE WHEN app.holds(k.case_id, 'view_case') THEN c.code::text ELSE '' END AS shown, k.action AS act, k.at
      FROM app.leaver_looked(wanted) k JOIN cases_case c ON c.id = k.case_id
     WHERE EXISTS (SELECT 1 FROM app.leaver(wanted)) AND (app.leaver_counted(wanted) OR app.holds(k.case_id, 'view_case'))
  )
  SELECT l.shown, l.act, count(*)::integer, max(l.at) FROM looks l
   GROUP BY l.shown, l.act ORDER BY (l.shown = ''), l.shown, l.act LIMIT 300
$$;
