-- An attempt that is under way: somebody is told, whoever of the case is away.

-- app.attempt_reached | caller: functions | right: holds change_case; everybody else reads nothing | test: tests/security/test_attempt.py
-- Whom the actor's word of an attempt reaches. Lead, backup and supervisor, also those who are away: it stands on their
-- desks when they look. Where none of them is there, the nearest others, as for an urgent request: on call and second; where
-- none of these is there, intake besides; else whoever of intake is away, and the coordinators. Never anybody whom a wall keeps out. `how`: `case`, she is
-- told of the case, which she may see; `bare`, that a case needs somebody, without the case; `name`, she is not told, and
-- may be called. Of a protected case nobody else is told but its deputies.
CREATE FUNCTION app.attempt_reached(wanted uuid) RETURNS TABLE (user_id uuid, name text, how text, of_case boolean, away boolean)
LANGUAGE sql STABLE AS $$
  WITH own AS (
    SELECT DISTINCT a.user_id, app.absent(a.user_id) AS away FROM cases_assignment a
     WHERE a.case_id = wanted AND a.state = 'live' AND a.role IN ('lead', 'backup', 'supervisor')
  ), near AS (
    SELECT o.user_id, CASE WHEN NOT app.absent(o.user_id) THEN 0 ELSE 2 END AS step, true AS named FROM app.on_call() o
    UNION SELECT u.id, CASE WHEN NOT app.absent(u.id) THEN 1 ELSE 2 END, false FROM accounts_user u WHERE app.answers_for_intake(u.id)
    UNION SELECT u.id, 2, false FROM accounts_user u WHERE 'coordinator' = ANY (u.roles)
  ), others AS (
    SELECT n.user_id, min(n.step) AS step, bool_or(n.named) AS named FROM near n
      JOIN accounts_user u ON u.id = n.user_id AND u.is_active
     WHERE n.user_id IS DISTINCT FROM app.uid() AND NOT app.is_walled(n.user_id, wanted)
       AND NOT EXISTS (SELECT 1 FROM own o WHERE o.user_id = n.user_id) GROUP BY n.user_id
  ), chosen AS (
    SELECT o.user_id, o.away, 'case' AS how, true AS of_case FROM own o
     WHERE o.user_id IS DISTINCT FROM app.uid() AND NOT app.is_walled(o.user_id, wanted)
    UNION ALL
    SELECT d, app.absent(d), 'case', false FROM app.deputies(wanted) d WHERE d IS DISTINCT FROM app.uid()
    UNION ALL
    SELECT o.user_id, app.absent(o.user_id),
           CASE WHEN EXISTS (SELECT 1 FROM cases_caseuserpermission g WHERE g.content_object_id = wanted AND g.user_id = o.user_id
                               AND g.permission_id = app.permission_id('view_case')) THEN 'case'
                WHEN c.compartment = 'protected' THEN 'name' ELSE 'bare' END, false
      FROM others o JOIN cases_case c ON c.id = wanted
     WHERE (o.named OR o.step = (SELECT min(n.step) FROM others n)) AND o.user_id NOT IN (SELECT app.deputies(wanted))
  )
  SELECT u.id, u.display_name::text, p.how, p.of_case, p.away FROM chosen p JOIN accounts_user u ON u.id = p.user_id AND u.is_active
   WHERE app.holds(wanted, 'change_case')
     AND (p.of_case OR NOT EXISTS (SELECT 1 FROM chosen o JOIN accounts_user v ON v.id = o.user_id AND v.is_active
                                    WHERE o.of_case AND NOT o.away))
   ORDER BY p.of_case DESC, p.away, u.display_name
$$;

-- app.attempt_people | caller: web | right: holds change_case; names of those outside the case: share_case | test: tests/security/test_attempt.py
-- The same for the page. Of those who may not see the case, told or not, whoever may not read walls learns only that there
-- is somebody: beside the rota their names, or their number, would say who is kept out.
CREATE FUNCTION app.attempt_people(wanted uuid) RETURNS TABLE (user_id uuid, name text, how text, of_case boolean, away boolean)
LANGUAGE sql STABLE AS $$
  SELECT p.user_id, p.name, p.how, p.of_case, p.away FROM app.attempt_reached(wanted) p
   WHERE p.how = 'case' OR app.holds(wanted, 'share_case')
  UNION ALL
  SELECT DISTINCT NULL::uuid, '', p.how, false, false FROM app.attempt_reached(wanted) p
   WHERE p.how <> 'case' AND NOT app.holds(wanted, 'share_case')
$$;

-- app.nobody_there | caller: web | right: holds change_case; yes or no | test: tests/security/test_attempt.py
-- Whether nobody of lead, backup and supervisor is there, the actor among them: then a risk that becomes immediate
-- reaches those whom an attempt would.
CREATE FUNCTION app.nobody_there(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT app.holds(wanted, 'change_case') AND NOT EXISTS (
    SELECT 1 FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
     WHERE a.case_id = wanted AND a.state = 'live' AND a.role IN ('lead', 'backup', 'supervisor')
       AND NOT app.absent(a.user_id) AND NOT app.is_walled(a.user_id, wanted))
$$;

-- app.attempt_tell | caller: functions | right: as app.attempt_reached | test: tests/security/test_attempt.py
-- Notice and urgent mail, in the transaction of the word. A notice without the case says who asks, and nothing else.
-- `kind`: what those are told who may see the case, an attempt or a risk.
CREATE FUNCTION app.attempt_tell(wanted uuid, kind text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE told record;
BEGIN
  FOR told IN SELECT p.user_id, p.how FROM app.attempt_reached(wanted) p WHERE p.how <> 'name' LOOP
    INSERT INTO cases_notice (id, user_id, kind, case_id, detail, created_at)
    VALUES (gen_random_uuid(), told.user_id, CASE told.how WHEN 'case' THEN attempt_tell.kind ELSE 'needed' END,
            CASE told.how WHEN 'case' THEN wanted END, CASE told.how WHEN 'bare' THEN app.uid()::text END, clock_timestamp());
    PERFORM app.mail_wanted(told.user_id, true, true);
  END LOOP;
END $$;
