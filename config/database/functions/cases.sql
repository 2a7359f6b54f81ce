-- Requests, cases, assignments: the steps that need more than the actor's own rows.

-- app.case_allows | caller: functions | right: none of its own | test: tests/security/test_closed_cases.py
-- Whether the state of a case lets this be done: the list of cases/policies.py, put in when functions are made.
CREATE FUNCTION app.case_allows(wanted uuid, what text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = wanted AND (what, c.state) IN (VALUES @allowed_states@))
$$;

-- app.may_write_request | caller: policy of vault_sealed | right: who logged it, while it is new, and its team, until it is a case; to its present pair | test: tests/security/test_row_security.py
CREATE FUNCTION app.may_write_request(wanted uuid, pair integer DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT EXISTS (SELECT 1 FROM cases_helprequest r JOIN accounts_team t ON t.id = r.team_id AND t.version = coalesce(pair, t.version)
                  WHERE r.id = wanted AND r.state <> 'accepted' AND NOT app.is_walled(app.uid(), r.id)
                    AND ((r.logged_by_id = app.uid() AND r.state = 'new') OR r.team_id = ANY (app.my_teams())))
$$;

-- app.request_by_nonce | caller: web | right: own requests, by the nonce of the own form | test: tests/cases/test_pages.py
-- The code of a request that this form has made already: a double click reads the same answer.
CREATE FUNCTION app.request_by_nonce(wanted uuid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT r.code FROM cases_helprequest r WHERE r.nonce = wanted AND r.logged_by_id = app.uid()
$$;

-- app.request_accept | caller: web (a member of the request's team) | right: the case is the actor's own, and everything was filed anew | test: tests/cases/test_journey.py
-- The last step of accepting: the team's copy is deleted.
CREATE FUNCTION app.request_accept(wanted uuid, new_case uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_helprequest r WHERE r.id = wanted AND r.team_id = ANY (app.my_teams())
    AND r.state IN ('new', 'acknowledged', 'awaiting_person', 'waiting') AND NOT app.is_walled(app.uid(), r.id) FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  IF NOT EXISTS (SELECT 1 FROM cases_case c JOIN cases_helprequest r ON r.id = c.request_id
                  WHERE c.id = new_case AND c.request_id = wanted AND c.opened_by_id = app.uid()
                    AND app.risk_order(c.risk) >= app.risk_order(r.risk))
     OR (SELECT count(*) FROM vault_sealed s WHERE s.case_id = new_case AND (s.field, s.purpose) IN
          (('case.words', 'identity'), ('case.reach', 'reach'), ('case.inbox_private', 'reach'))) <> 3 THEN
    RAISE EXCEPTION 'not_filed';
  END IF;
  DELETE FROM vault_sealed s WHERE s.request_id = wanted;
  UPDATE cases_consent c SET case_id = new_case WHERE c.request_id = wanted;
  UPDATE cases_contactattempt a SET case_id = new_case, request_id = NULL WHERE a.request_id = wanted;  -- an open call goes on
  UPDATE cases_helprequest r SET state = 'accepted', ended_at = clock_timestamp(), ended_by_id = app.uid() WHERE r.id = wanted;
END $$;

-- app.case_born | caller: trigger on cases_case | right: the case's opener; nothing of the request's is lowered | test: tests/security/test_row_security.py
-- The first permission rows and the first assignment: whoever opens a case leads it.
CREATE FUNCTION app.case_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- No door by which one person lowers alone: risk comes from a rating, and a request about a minor stays one.
  IF NEW.opened_by_id IS DISTINCT FROM app.uid() OR NEW.risk <> 'unknown'
     OR (NEW.minor NOT IN ('now', 'material')
         AND EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = NEW.request_id AND r.minor IN ('now', 'material')))
     OR (NEW.compartment <> 'protected' AND EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = NEW.request_id AND r.protected)) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id)
  SELECT NEW.id, NEW.opened_by_id, app.permission_id(code) FROM unnest(app.role_permissions('lead')) code;
  INSERT INTO cases_assignment (id, case_id, user_id, role, state, offered_at, offered_by_id, keys_sealed_at, live_at, end_reason,
                                ask_reason, advice_only)
  VALUES (gen_random_uuid(), NEW.id, NEW.opened_by_id, 'lead', 'live', NEW.opened_at, NEW.opened_by_id, NEW.opened_at, NEW.opened_at, '',
          '', false);
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  VALUES (gen_random_uuid(), NEW.id, 'state', NULL, 'opened', NEW.opened_at, NEW.opened_by_id);
  RETURN NULL;
END $$;

-- app.role_permissions | caller: functions | right: none | test: tests/cases/test_work_board.py
CREATE FUNCTION app.role_permissions(case_role text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN case_role IN ('lead', 'backup') THEN '{view_case,change_case,share_case}'::text[]
              WHEN case_role IN ('supervisor', 'caseworker', 'lawyer') THEN '{view_case,change_case}'::text[]
              WHEN case_role IN ('interpreter', 'deputy') THEN '{view_case}'::text[] ELSE '{}'::text[] END
$$;

-- app.role_keys | caller: functions | right: none | test: tests/cases/test_work_board.py
CREATE FUNCTION app.role_keys(case_role text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN case_role IN ('lead', 'backup') THEN '{content,reach,identity}'::text[]
              WHEN case_role IN ('supervisor', 'caseworker', 'lawyer', 'interpreter') THEN '{content}'::text[]
              ELSE '{}'::text[] END
$$;

-- app.may_take_role | caller: policy of cases_assignment | right: none | test: tests/security/test_assignment.py
-- Whether an active person's account role fits a role on a case.
CREATE FUNCTION app.may_take_role(person uuid, case_role text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active
                  AND CASE WHEN case_role = 'lawyer' THEN 'lawyer' = ANY (u.roles) ELSE 'caseworker' = ANY (u.roles) END)
$$;

-- app.keys_complete | caller: functions | right: none | test: tests/security/test_assignment.py
-- Whether a person has a wrap in that state for every key her role holds: of the newest version, and of each older one
-- that anybody can open still.
CREATE FUNCTION app.keys_complete(wanted_case uuid, person uuid, case_role text, wanted_state text)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (
    SELECT 1 FROM unnest(app.role_keys(case_role)) needed
      LEFT JOIN vault_keyversion v ON v.case_id = wanted_case AND v.purpose = needed
     WHERE NOT EXISTS (SELECT 1 FROM vault_wrap w
                        WHERE w.case_id = wanted_case AND w.user_id = person AND w.purpose = needed AND w.state = wanted_state
                          AND w.version = v.version)
       AND (v.version IS NOT DISTINCT FROM (SELECT max(k.version) FROM vault_keyversion k
                                             WHERE k.case_id = wanted_case AND k.purpose = needed)
            OR EXISTS (SELECT 1 FROM vault_wrap o
                        WHERE o.case_id = wanted_case AND o.purpose = needed AND o.version = v.version AND o.state = 'live'
                          AND o.user_id <> person)))
$$;

-- app.assignment_keys_sealed | caller: web (holds share_case) | right: every key of the role is offered | test: tests/security/test_assignment.py
-- From now on she can accept; the constant mail asks her to look at her desk.
CREATE FUNCTION app.assignment_keys_sealed(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT a.case_id, a.user_id, a.role INTO hit FROM cases_assignment a
   WHERE a.id = wanted AND a.state = 'offered' AND app.holds(a.case_id, 'share_case')
     AND app.case_allows(a.case_id, 'offer_assignment') FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.keys_complete(hit.case_id, hit.user_id, hit.role, 'offered') THEN RAISE EXCEPTION 'keys_missing'; END IF;
  UPDATE cases_assignment a SET keys_sealed_at = clock_timestamp() WHERE a.id = wanted AND a.keys_sealed_at IS NULL;
  IF FOUND THEN PERFORM app.mail_wanted(hit.user_id, false); END IF;
END $$;

-- app.my_offers | caller: web | right: own offers | test: tests/security/test_assignment.py
-- What somebody sees of a case before she accepts: its code, the role, who offers, why, until when; a lawyer also how her
-- conflict slip stands.
CREATE FUNCTION app.my_offers()
RETURNS TABLE (id uuid, case_code text, role text, offered_at timestamptz, offered_by text, keys_sealed boolean,
               reason text, until_on date, advice_only boolean, slip text)
LANGUAGE sql STABLE AS $$
  SELECT a.id, c.code, a.role, a.offered_at, u.display_name, a.keys_sealed_at IS NOT NULL, a.ask_reason, a.until_on, a.advice_only,
         CASE WHEN a.role = 'lawyer' THEN coalesce(s.answer, 'missing') ELSE '' END
    FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id JOIN accounts_user u ON u.id = a.offered_by_id
    LEFT JOIN cases_conflictslip s ON s.assignment_id = a.id
   WHERE a.user_id = app.uid() AND a.state = 'offered' AND NOT app.is_walled(app.uid(), a.case_id)
   ORDER BY a.offered_at
$$;

-- app.assignment_answer | caller: web (the person asked) | right: own offer, keys sealed, no wall; a lawyer after a clear conflict slip | test: tests/security/test_assignment.py
-- Acceptance turns permission rows and wraps live together; declining deletes the offered wraps. The same answer twice
-- is one answer.
CREATE FUNCTION app.assignment_answer(wanted uuid, accepts boolean) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  PERFORM app.case_lock(wanted);
  SELECT a.case_id, a.user_id, a.role, a.keys_sealed_at, a.state, a.live_at INTO hit FROM cases_assignment a
   WHERE a.id = wanted AND a.user_id = app.uid() FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF accepts AND hit.state = 'live' AND NOT app.is_walled(app.uid(), hit.case_id) OR NOT accepts AND hit.state = 'declined' THEN
    RETURN hit.case_id;  -- a second click
  END IF;
  IF hit.state = 'declined' THEN RAISE EXCEPTION 'offer_declined'; END IF;
  IF hit.state = 'ended' OR app.is_walled(app.uid(), hit.case_id) THEN  -- a wall is answered like an offer that was withdrawn
    RAISE EXCEPTION '%', CASE WHEN hit.live_at IS NULL THEN 'offer_over' ELSE 'role_over' END;
  END IF;
  IF hit.state = 'live' THEN RAISE EXCEPTION 'offer_accepted'; END IF;
  IF hit.state <> 'offered' THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT accepts THEN
    PERFORM app.slip_destroy(wanted);
    PERFORM app.rotation_due(w.case_id, w.purpose) FROM vault_wrap w
      WHERE w.case_id = hit.case_id AND w.user_id = hit.user_id AND w.state = 'offered' GROUP BY w.case_id, w.purpose;
    DELETE FROM vault_wrap w WHERE w.case_id = hit.case_id AND w.user_id = hit.user_id AND w.state = 'offered';
    UPDATE cases_assignment a SET state = 'declined', ended_at = clock_timestamp(), ended_by_id = app.uid() WHERE a.id = wanted;
    PERFORM app.people_told(wanted, 'declined');
    PERFORM app.offer_declined(wanted);
    RETURN hit.case_id;
  END IF;
  IF hit.keys_sealed_at IS NULL OR NOT app.keys_complete(hit.case_id, hit.user_id, hit.role, 'offered') THEN
    RAISE EXCEPTION 'keys_missing';
  END IF;
  IF NOT app.may_take_role(hit.user_id, hit.role) THEN RAISE EXCEPTION 'role_does_not_fit'; END IF;
  IF NOT app.slip_clear(wanted) THEN RAISE EXCEPTION 'slip_missing'; END IF;
  UPDATE vault_wrap w SET state = 'live' WHERE w.case_id = hit.case_id AND w.user_id = hit.user_id AND w.state = 'offered';
  INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id)
  SELECT hit.case_id, hit.user_id, app.permission_id(code) FROM unnest(app.role_permissions(hit.role)) code
  ON CONFLICT DO NOTHING;
  UPDATE cases_assignment a SET state = 'live', live_at = clock_timestamp() WHERE a.id = wanted;
  PERFORM app.people_told(wanted, 'joined');
  RETURN hit.case_id;
END $$;

-- app.offer_declined | caller: functions | right: none of its own | test: tests/security/test_assignment.py
-- A line on the desk of lead and backup, and the constant mail: who does not take which role. Not why: a conflict is not said.
CREATE FUNCTION app.offer_declined(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  person uuid;
BEGIN
  SELECT a.case_id, a.user_id INTO hit FROM cases_assignment a WHERE a.id = wanted;
  FOR person IN SELECT a.user_id FROM cases_assignment a
                 WHERE a.case_id = hit.case_id AND a.state = 'live' AND a.role IN ('lead', 'backup')
                   AND a.user_id <> hit.user_id AND NOT app.is_walled(a.user_id, hit.case_id)
                 ORDER BY a.user_id LOOP
    INSERT INTO cases_notice (id, user_id, kind, case_id, assignment_id, created_at)
    VALUES (gen_random_uuid(), person, 'declined', hit.case_id, wanted, clock_timestamp());
    PERFORM app.mail_wanted(person, false);
  END LOOP;
END $$;

-- app.people_told | caller: functions | right: none of its own | test: tests/cases/test_history.py
-- A line of the timeline about somebody's role: joined, declined, ended and why, took the lead.
CREATE FUNCTION app.people_told(wanted uuid, what text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  SELECT gen_random_uuid(), a.case_id, 'people', a.id, what || ':' || a.role, clock_timestamp(), app.uid()
    FROM cases_assignment a WHERE a.id = wanted
$$;

-- app.people_lock | caller: functions | right: none of its own | test: tests/security/test_leaving.py
-- Whoever gives somebody work waits for one who is leaving, and she for whoever gives: before any case, administrators
-- first, as app.person_deactivate takes its locks.
CREATE FUNCTION app.people_lock(people uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM accounts_user u WHERE u.id = ANY (people)
    ORDER BY 'administrator' = ANY (u.roles) DESC, u.id FOR SHARE;
END $$;

-- app.case_lock | caller: functions | right: none of its own | test: tests/security/test_assignment.py
-- The case of an assignment is locked first, everywhere: then the assignment is read and judged.
CREATE FUNCTION app.case_lock(assignment uuid) RETURNS void LANGUAGE sql AS $$
  SELECT 1 FROM cases_case c WHERE c.id = (SELECT a.case_id FROM cases_assignment a WHERE a.id = assignment) FOR NO KEY UPDATE
$$;

-- app.access_end | caller: functions | right: none of its own | test: tests/security/test_deactivation.py
-- Permission rows and wraps of one assignment go; a wrap that nobody else could open and give on is parked;
-- a team to which reach is armed for some hours does not count. What she could open needs a new version. What she was to do
-- is somebody else's now.
CREATE FUNCTION app.access_end(wanted uuid, reason text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  PERFORM app.case_lock(wanted);
  SELECT a.case_id, a.user_id INTO STRICT hit FROM cases_assignment a WHERE a.id = wanted FOR UPDATE;
  PERFORM app.grants_end(hit.user_id, hit.case_id, 'left_case');
  DELETE FROM cases_caseuserpermission p WHERE p.content_object_id = hit.case_id AND p.user_id = hit.user_id;
  PERFORM app.rotation_due(w.case_id, w.purpose) FROM vault_wrap w
    WHERE w.case_id = hit.case_id AND w.user_id = hit.user_id GROUP BY w.case_id, w.purpose;
  UPDATE vault_wrap w SET state = 'parked'
   WHERE w.case_id = hit.case_id AND w.user_id = hit.user_id AND w.state = 'live'
     AND NOT EXISTS (SELECT 1 FROM vault_wrap o
                      WHERE o.case_id = w.case_id AND o.purpose = w.purpose AND o.version = w.version
                        AND o.state = 'live' AND o.user_id <> w.user_id
                        AND EXISTS (SELECT 1 FROM cases_caseuserpermission s WHERE s.content_object_id = o.case_id AND s.user_id = o.user_id
                                       AND s.permission_id = app.permission_id('share_case')));
  DELETE FROM vault_wrap w WHERE w.case_id = hit.case_id AND w.user_id = hit.user_id AND w.state <> 'parked';
  UPDATE cases_assignment a SET state = 'ended', ended_at = clock_timestamp(), ended_by_id = app.uid(), end_reason = reason
   WHERE a.id = wanted;
  -- What she had open of the identity closes.
  UPDATE cases_identityopening o SET closed_at = clock_timestamp()
   WHERE o.case_id = hit.case_id AND o.person_id = hit.user_id AND o.closed_at IS NULL;
  PERFORM app.slip_destroy(wanted);
  PERFORM app.people_told(wanted, 'ended');
  PERFORM app.work_falls(hit.case_id, hit.user_id);
END $$;

-- app.assignment_end | caller: web | right: holds share_case, or it is her own; not the lead's, not that of the last who holds all keys | test: tests/security/test_assignment.py
-- Lead and backup are told of a colleague who ends her own role.
CREATE FUNCTION app.assignment_end(wanted uuid, reason text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  PERFORM app.case_lock(wanted);
  SELECT a.case_id, a.user_id, a.role, a.state INTO hit FROM cases_assignment a
   WHERE a.id = wanted AND a.state IN ('offered', 'live')
     AND (app.holds(a.case_id, 'share_case') OR (a.user_id = app.uid() AND NOT app.is_walled(app.uid(), a.case_id)))
     FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF hit.role = 'lead' THEN RAISE EXCEPTION 'lead_must_hand_over'; END IF;
  IF hit.role = 'backup' AND hit.state = 'live' AND NOT EXISTS (
       SELECT 1 FROM cases_assignment o WHERE o.case_id = hit.case_id AND o.id <> wanted AND o.state = 'live'
          AND o.role IN ('lead', 'backup')) THEN
    RAISE EXCEPTION 'last_holder';
  END IF;
  PERFORM app.access_end(wanted, reason);
  IF hit.user_id = app.uid() AND hit.state = 'live' THEN PERFORM app.move_noticed(hit.case_id); END IF;
END $$;

-- app.due_dates_changed | caller: trigger on cases_deadline | right: none | test: tests/cases/test_reminders.py
-- Keeps the case's next due date true, so that a list sorts by it without looking further.
CREATE FUNCTION app.due_dates_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cases_case c SET next_due_on =
    (SELECT min(d.due_on) FROM cases_deadline d WHERE d.case_id = NEW.case_id AND d.state = 'running')
   WHERE c.id = NEW.case_id;
  RETURN NULL;
END $$;

-- app.unattended_cases | caller: web (coordinator) | right: a number of what the work board shows her | test: tests/cases/test_work_of_absent.py
-- On how many cases something is overdue while everybody on them is away.
CREATE FUNCTION app.unattended_cases() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT count(*)::integer FROM cases_case c
   WHERE app.has_role('coordinator') AND c.id IN (SELECT app.unattended()) AND c.state = 'open' AND c.compartment = 'standard'
     AND NOT c.id = ANY ((SELECT app.walled())::uuid[])
$$;

-- app.unattended | caller: functions | right: none | test: tests/cases/test_work_of_absent.py
-- Cases on which something is overdue while everybody on them is away: looked for where somebody is away, which are few.
CREATE FUNCTION app.unattended() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  WITH today AS (SELECT (clock_timestamp() AT TIME ZONE @zone@)::date AS day),
  some_away AS MATERIALIZED (
    SELECT DISTINCT a.case_id FROM today, cases_absence z JOIN cases_assignment a ON a.user_id = z.user_id AND a.state = 'live'
     WHERE z.cancelled_at IS NULL AND today.day BETWEEN z.from_on AND z.until_on
  ),
  late AS MATERIALIZED (
    SELECT s.case_id FROM some_away s, today
     WHERE EXISTS (SELECT 1 FROM cases_deadline d WHERE d.case_id = s.case_id AND d.state = 'running' AND d.due_on < today.day)
        OR EXISTS (SELECT 1 FROM cases_task t WHERE t.case_id = s.case_id AND t.state = 'open' AND t.due_at < clock_timestamp())
  )
  SELECT l.case_id FROM late l WHERE app.all_away(l.case_id)
$$;

-- app.work_board | caller: web (coordinator) | right: fixed columns, no content, no protected case, no walled one | test: tests/cases/test_work_board.py
-- The second door to cases: who holds what, how much she carries, what is late, what was asked to move. `only` is overdue,
-- alone (nobody leads it) or moving; `sort` is due, opened, risk or load; anything else is no filter and by due date.
-- The order is one of four constant texts, so that the usual one walks its index and stops after a page; what leads carry
-- is counted for those on the page, and for everybody only where it is the order. `unattended`: tasks, promises and dates
-- that are overdue while everybody who works on the case is away.
CREATE FUNCTION app.work_board(start integer, size integer, zone text, only_those text, in_stage text, of_risk text, sort text)
RETURNS TABLE (code text, stage text, risk text, held_by text, lead_away boolean, lead_load integer, others integer, offers integer, moves integer,
               next_due_on date, overdue integer, unattended integer, opened_on date)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  usual constant text := 'i.next_due_on NULLS LAST, i.opened_at, i.id';
  first constant text := CASE sort WHEN 'load' THEN 'l.percent DESC NULLS LAST, ' WHEN 'opened' THEN 'i.opened_at, '
    WHEN 'risk' THEN 'CASE i.risk WHEN ''immediate'' THEN 1 WHEN ''high'' THEN 2 WHEN ''unknown'' THEN 2 WHEN ''elevated'' THEN 3 ELSE 4 END, '
    ELSE '' END;
  carried constant text := CASE sort WHEN 'load' THEN
    'LEFT JOIN app.load_rows(ARRAY(SELECT u.id FROM accounts_user u)) l ON l.person = h.user_id' ELSE '' END;
BEGIN
  IF NOT app.has_role('coordinator') THEN RETURN; END IF;
  RETURN QUERY EXECUTE format($board$
    WITH shown AS MATERIALIZED (
      SELECT i.id, h.user_id AS lead
        FROM cases_case i
        LEFT JOIN cases_assignment h ON h.case_id = i.id AND h.state = 'live' AND h.role = 'lead'
        %2$s
       WHERE i.state = 'open' AND i.compartment = 'standard' AND NOT i.id = ANY ($8)
         AND ($5 = '' OR i.stage = $5) AND ($6 = '' OR i.risk = $6)
         AND ($4 <> 'overdue' OR i.next_due_on < $3
              OR i.id IN (SELECT app.unattended()))
         AND ($4 <> 'alone' OR h.user_id IS NULL)
         AND ($4 <> 'moving' OR EXISTS (SELECT 1 FROM cases_moverequest m WHERE m.case_id = i.id AND m.state = 'open'))
       ORDER BY %1$s OFFSET $1 LIMIT $2
    )
    SELECT i.code::text, i.stage::text, i.risk::text, coalesce(u.display_name, '')::text, app.absent(p.lead), coalesce(l.percent, 0),
           (SELECT count(*)::integer FROM cases_assignment a WHERE a.case_id = i.id AND a.state = 'live' AND a.role <> 'lead'),
           (SELECT count(*)::integer FROM cases_assignment a WHERE a.case_id = i.id AND a.state = 'offered'),
           (SELECT count(*)::integer FROM cases_moverequest m WHERE m.case_id = i.id AND m.state = 'open'),
           i.next_due_on,
           (SELECT count(*)::integer FROM cases_deadline d WHERE d.case_id = i.id AND d.state = 'running' AND d.due_on < $3),
           CASE WHEN app.all_away(i.id) THEN
             (SELECT count(*)::integer FROM cases_deadline d WHERE d.case_id = i.id AND d.state = 'running' AND d.due_on < $3)
             + (SELECT count(*)::integer FROM cases_task t WHERE t.case_id = i.id AND t.state = 'open' AND t.due_at < clock_timestamp())
           ELSE 0 END,
           (i.opened_at AT TIME ZONE $7)::date
      FROM shown p
      JOIN cases_case i ON i.id = p.id
      LEFT JOIN accounts_user u ON u.id = p.lead
      LEFT JOIN app.load_rows(ARRAY(SELECT DISTINCT s.lead FROM shown s WHERE s.lead IS NOT NULL)) l ON l.person = p.lead
     ORDER BY %1$s
  $board$, first || usual, carried)
  USING start, size, (clock_timestamp() AT TIME ZONE zone)::date, only_those, in_stage, of_risk, zone, app.walled();
END $$;

-- app.protected_without_holder | caller: web (coordinator) | right: one number | test: tests/cases/test_work_board.py
CREATE FUNCTION app.protected_without_holder() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT count(*)::integer FROM cases_case c
   WHERE app.has_role('coordinator') AND c.state = 'open' AND c.compartment = 'protected'
     AND NOT c.id = ANY ((SELECT app.walled())::uuid[])
     AND NOT EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = c.id AND a.state = 'live' AND a.role IN ('lead', 'backup'))
$$;

-- app.lead_take | caller: web (a live backup) | right: only where nobody leads the case any more | test: tests/security/test_assignment.py
-- A backup holds all keys already: she becomes the lead of a case whose lead has gone.
CREATE FUNCTION app.lead_take(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted AND app.holds(c.id, 'share_case') FOR NO KEY UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = wanted AND a.state = 'live' AND a.role = 'lead') THEN
    RAISE EXCEPTION 'lead_is_there';
  END IF;
  UPDATE cases_assignment a SET role = 'lead' WHERE a.case_id = wanted AND a.user_id = app.uid() AND a.state = 'live' AND a.role = 'backup';
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM app.people_told(a.id, 'led') FROM cases_assignment a WHERE a.case_id = wanted AND a.user_id = app.uid() AND a.state = 'live';
END $$;

-- app.deadline_changed | caller: trigger on cases_deadline | right: in her own name only; for people on the case; a critical one is let go by a lawyer, lead or backup | test: tests/security/test_plan_records.py
CREATE FUNCTION app.deadline_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.settled_by_id IS DISTINCT FROM OLD.settled_by_id AND NEW.settled_by_id <> app.uid()
     OR (NEW.state IN ('met', 'waived')) <> (NEW.settled_by_id IS NOT NULL)
     OR (NEW.assignee_id IS DISTINCT FROM OLD.assignee_id AND NEW.assignee_id IS NOT NULL
         AND NOT app.works_here(NEW.assignee_id, NEW.case_id) AND NOT app.falls_to(NEW.case_id, OLD.assignee_id, NEW.assignee_id))
     OR (NEW.state NOT IN ('running', 'met') AND OLD.state <> NEW.state AND NEW.severity = 'critical'
         AND NOT (app.has_role('lawyer') OR app.holds(NEW.case_id, 'share_case'))) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  RETURN NEW;
END $$;
