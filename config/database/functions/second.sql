-- Acts that need a second person, and closing: what one person may not do alone is done by functions that ask again.

-- app.may_second | caller: functions | right: lead, backup or supervisor on the case, never who asked nor whom it is about; of a closed one only about walls, a card and what becomes of it | test: tests/security/test_second_person.py
-- Whether the actor may be the second person for an act. A lawyer or a caseworker may not.
CREATE FUNCTION app.may_second(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM cases_approval p JOIN cases_case c ON c.id = p.case_id
       AND (c.state = 'open' OR p.kind IN ('open_identity', 'set_wall', 'lift_wall', 'erase_case', 'keep_case', 'lift_hold'))
      JOIN cases_assignment a ON a.case_id = c.id AND a.user_id = app.uid() AND a.state = 'live'
     WHERE p.id = wanted AND p.asked_by_id <> app.uid() AND app.about_whom(p) IS DISTINCT FROM app.uid() AND a.role IN ('lead', 'backup', 'supervisor')
       AND app.holds(c.id, 'change_case'))
$$;

-- app.approval_asked | caller: trigger on cases_approval | right: whoever works on the case; closing: whoever shares it | test: tests/security/test_second_person.py
-- What is asked for makes sense, a line of the timeline says so, and everybody who may answer is told.
CREATE FUNCTION app.approval_asked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE person uuid;
BEGIN
  IF NOT (CASE NEW.kind
       WHEN 'lower_risk' THEN EXISTS (SELECT 1 FROM cases_riskassessment r WHERE r.id = NEW.record_id AND r.case_id = NEW.case_id AND NOT r.counts AND r.level <> 'unknown')
       WHEN 'clear_minor' THEN NEW.detail IN ('no', 'unknown')
            AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = NEW.case_id AND c.minor IN ('now', 'material'))
       WHEN 'open_identity' THEN app.may_identify(NEW.case_id) AND app.identity_budget_left('card') = 0
       WHEN 'set_wall' THEN app.wall_asked(NEW)
       WHEN 'lift_wall' THEN app.wall_asked(NEW)
       WHEN 'unprotect' THEN app.holds(NEW.case_id, 'share_case')
            AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = NEW.case_id AND c.compartment = 'protected')
       WHEN 'close_case' THEN NEW.detail ~ '^(closed|transferred|duplicate):[a-z_]+:[a-z_]+$' AND app.holds(NEW.case_id, 'share_case')
       WHEN 'erase_case' THEN app.ending_sensible(NEW.case_id, NEW.kind, NEW.record_id, NEW.detail)
       WHEN 'keep_case' THEN app.ending_sensible(NEW.case_id, NEW.kind, NEW.record_id, NEW.detail)
       WHEN 'lift_hold' THEN app.ending_sensible(NEW.case_id, NEW.kind, NEW.record_id, NEW.detail)
       ELSE false END) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  PERFORM app.second_told(NEW.id, 'asked');
  FOR person IN
    SELECT a.user_id FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
     WHERE a.case_id = NEW.case_id AND a.state = 'live' AND a.role IN ('lead', 'backup', 'supervisor')
       AND a.user_id <> NEW.asked_by_id AND a.user_id IS DISTINCT FROM app.about_whom(NEW) AND NOT app.is_walled(a.user_id, NEW.case_id)
  LOOP
    INSERT INTO cases_notice (id, user_id, kind, case_id, created_at) VALUES (gen_random_uuid(), person, 'second', NEW.case_id, clock_timestamp());
    PERFORM app.mail_wanted(person, false);
  END LOOP;
  RETURN NULL;
END $$;

-- app.second_told | caller: functions | right: none of its own | test: tests/cases/test_history.py
-- A line of the timeline: asked, approved, refused or withdrawn, and what for. None tells of a wall.
CREATE FUNCTION app.second_told(wanted uuid, what text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  SELECT gen_random_uuid(), a.case_id, 'second', a.id, what || ':' || a.kind, clock_timestamp(), app.uid()
    FROM cases_approval a WHERE a.id = wanted AND app.about_whom(a) IS NULL
$$;

-- app.approval_lock | caller: functions | right: none of its own | test: tests/security/test_second_person.py
-- The case of an approval is locked first, as everywhere.
CREATE FUNCTION app.approval_lock(wanted uuid) RETURNS void LANGUAGE sql AS $$
  SELECT 1 FROM cases_case c WHERE c.id = (SELECT a.case_id FROM cases_approval a WHERE a.id = wanted) FOR NO KEY UPDATE
$$;

-- app.works_on | caller: functions | right: none | test: tests/security/test_how_it_ended.py
-- Whether somebody works on this case, or is of the team of this request, still: she has not left, and no wall keeps her out.
CREATE FUNCTION app.works_on(person uuid, record uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active) AND NOT app.is_walled(person, record)
     AND (EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = record AND a.user_id = person AND a.state = 'live')
          OR EXISTS (SELECT 1 FROM cases_helprequest r JOIN accounts_teammember m ON m.team_id = r.team_id AND m.user_id = person
                      WHERE r.id = record))
$$;

-- app.ended_told | caller: functions | right: none of its own | test: tests/security/test_how_it_ended.py
-- To whoever asked for an act of two, with the constant mail: how it ended (`what`, "refused:lower_risk"). Nothing of a
-- case or request that she does not work on any more, and nothing once she has left. What was erased is told by its receipt, and names nothing else.
CREATE FUNCTION app.ended_told(person uuid, record uuid, what text, receipt uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF person IS NULL OR (record IS NOT NULL AND NOT app.works_on(person, record))
     OR (record IS NULL AND NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active)) THEN
    RETURN;
  END IF;
  INSERT INTO cases_notice (id, user_id, kind, case_id, request_id, erasure_id, detail, created_at)
  VALUES (gen_random_uuid(), person, 'ended', (SELECT c.id FROM cases_case c WHERE c.id = record),
          (SELECT r.id FROM cases_helprequest r WHERE r.id = record), receipt, what, clock_timestamp());
  PERFORM app.mail_wanted(person, false);
END $$;

-- app.approval_end | caller: functions | right: none of its own | test: tests/security/test_second_person.py
-- The request is over: its state, its line, and nobody is reminded of it any more. Whoever asked is told what another
-- answered; about a wall only where she may still see that question.
CREATE FUNCTION app.approval_end(wanted uuid, new_state text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cases_approval a SET state = new_state, answered_at = clock_timestamp(), answered_by_id = app.uid() WHERE a.id = wanted;
  PERFORM app.second_told(wanted, new_state);
  PERFORM app.ended_told(a.asked_by_id, a.case_id, new_state || ':' || a.kind, NULL) FROM cases_approval a
   WHERE a.id = wanted AND new_state IN ('approved', 'refused') AND a.asked_by_id IS DISTINCT FROM app.uid()
     AND (app.about_whom(a) IS NULL OR EXISTS (SELECT 1 FROM cases_assignment m WHERE m.case_id = a.case_id
           AND m.user_id = a.asked_by_id AND m.state = 'live' AND m.role IN ('lead', 'backup', 'supervisor')));
  UPDATE cases_notice n SET acknowledged_at = clock_timestamp() FROM cases_approval a
   WHERE a.id = wanted AND n.case_id = a.case_id AND n.kind = 'second' AND n.acknowledged_at IS NULL
     AND NOT EXISTS (SELECT 1 FROM cases_approval o WHERE o.case_id = a.case_id AND o.state = 'asked');
END $$;

-- app.approval_answer | caller: web (lead, backup or supervisor, not who asked) | right: another person, no wall, open case; to agree her second factor within five minutes | test: tests/security/test_second_person.py
-- Agreeing does the act in the same step. The same answer twice is one answer.
CREATE FUNCTION app.approval_answer(wanted uuid, approves boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  answer text := CASE WHEN approves THEN 'approved' ELSE 'refused' END;
BEGIN
  PERFORM app.approval_lock(wanted);
  SELECT a.state, a.answered_by_id INTO hit FROM cases_approval a WHERE a.id = wanted FOR UPDATE;
  IF hit.state = answer AND hit.answered_by_id = app.uid() THEN RETURN; END IF;  -- a second click
  IF hit.state IS NULL OR NOT app.may_second(wanted) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF hit.state <> 'asked' THEN RAISE EXCEPTION 'answered'; END IF;
  IF approves AND NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF approves THEN PERFORM app.approval_do(wanted); END IF;
  PERFORM app.approval_end(wanted, answer);
END $$;

-- app.approval_do | caller: functions | right: none of its own | test: tests/security/test_second_person.py
-- The act itself. A lowering that a later rating has overtaken is not done any more.
CREATE FUNCTION app.approval_do(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  rated record;
BEGIN
  SELECT a.* INTO STRICT hit FROM cases_approval a WHERE a.id = wanted;
  IF hit.kind = 'lower_risk' THEN
    SELECT r.* INTO rated FROM cases_riskassessment r WHERE r.id = hit.record_id AND r.case_id = hit.case_id AND NOT r.counts
       AND NOT EXISTS (SELECT 1 FROM cases_riskassessment o WHERE o.case_id = r.case_id AND o.counts AND o.assessed_at > r.assessed_at);
    IF NOT FOUND THEN RAISE EXCEPTION 'overtaken'; END IF;
    UPDATE cases_riskassessment r SET counts = true WHERE r.id = rated.id;
    UPDATE cases_case c SET risk = rated.level, reassess_at = rated.reassess_at WHERE c.id = hit.case_id;
  ELSIF hit.kind = 'clear_minor' THEN
    UPDATE cases_case c SET minor = hit.detail WHERE c.id = hit.case_id;
  ELSIF hit.kind = 'open_identity' THEN
    NULL;  -- app.identity_open looks for it
  ELSIF hit.kind IN ('set_wall', 'lift_wall') THEN
    PERFORM app.wall_do(wanted);
  ELSIF hit.kind = 'unprotect' THEN
    PERFORM app.case_unprotect(hit.case_id);
  ELSIF hit.kind IN ('erase_case', 'keep_case', 'lift_hold') THEN
    PERFORM app.ending_do(wanted);
  ELSE
    IF EXISTS (SELECT 1 FROM app.case_blocks(hit.case_id) b WHERE b.record_id <> wanted) THEN RAISE EXCEPTION 'blocked'; END IF;
    PERFORM app.case_shut(hit.case_id, split_part(hit.detail, ':', 1), split_part(hit.detail, ':', 2), split_part(hit.detail, ':', 3));
  END IF;
END $$;

-- app.approval_withdraw | caller: web (who asked) | right: own request that nobody has answered | test: tests/security/test_second_person.py
CREATE FUNCTION app.approval_withdraw(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM app.approval_lock(wanted);
  PERFORM 1 FROM cases_approval a WHERE a.id = wanted AND a.asked_by_id = app.uid() AND a.state = 'asked'
     AND app.holds(a.case_id, 'change_case') FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM app.approval_end(wanted, 'withdrawn');
END $$;

-- app.case_blocks | caller: functions | right: none of its own | test: tests/security/test_second_person.py
-- What keeps a case open: a critical date that nobody has settled, somebody who has not answered, open promises and
-- tasks, an identity that is open to somebody else or asked for, an act that waits for a second person; a question about a
-- wall keeps nothing open, it would tell of itself.
CREATE FUNCTION app.case_blocks(wanted uuid) RETURNS TABLE (what text, record_id uuid) LANGUAGE sql STABLE AS $$
  SELECT 'date', d.id FROM cases_deadline d
   WHERE d.case_id = wanted AND d.severity = 'critical' AND d.state IN ('not_started', 'running', 'suspended', 'needs_lawyer')
  UNION ALL SELECT 'offer', a.id FROM cases_assignment a WHERE a.case_id = wanted AND a.state = 'offered'
  UNION ALL SELECT 'task', t.id FROM cases_task t WHERE t.case_id = wanted AND t.state = 'open'
  UNION ALL SELECT 'second', p.id FROM cases_approval p WHERE p.case_id = wanted AND p.state = 'asked' AND app.about_whom(p) IS NULL
  UNION ALL SELECT 'grant', g.id FROM cases_identitygrant g WHERE g.case_id = wanted AND g.state IN ('asked', 'active')
$$;

-- app.case_close | caller: web (holds share_case) | right: nothing open that blocks; high, immediate or unrated risk needs a second person | test: tests/security/test_second_person.py
CREATE FUNCTION app.case_close(wanted uuid, new_state text, reason text, outcome text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE known text;
BEGIN
  SELECT c.risk INTO known FROM cases_case c WHERE c.id = wanted AND c.state = 'open' AND app.holds(c.id, 'share_case') FOR NO KEY UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF known NOT IN ('elevated', 'standard') THEN RAISE EXCEPTION 'second_person'; END IF;
  IF EXISTS (SELECT 1 FROM app.case_blocks(wanted)) THEN RAISE EXCEPTION 'blocked'; END IF;
  PERFORM app.case_shut(wanted, new_state, reason, outcome);
END $$;

-- app.case_shut | caller: functions | right: none of its own | test: tests/security/test_second_person.py
-- Whoever is on call cannot reach her through a closed case any more.
CREATE FUNCTION app.case_shut(wanted uuid, new_state text, reason text, outcome text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF new_state NOT IN ('closed', 'transferred', 'duplicate') OR reason !~ '^[a-z_]+$' OR outcome !~ '^[a-z_]+$' THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  UPDATE cases_case c SET state = new_state, closed_at = clock_timestamp(), closed_by_id = app.uid(), closure_reason = reason,
         legal_outcome = outcome,
         retention_due_on = ((clock_timestamp() AT TIME ZONE @zone@) + make_interval(months => @keep_case_months@))::date
   WHERE c.id = wanted AND c.state = 'open';
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  UPDATE cases_armedreach a SET disarmed_at = clock_timestamp(), disarmed_by_id = app.uid()
   WHERE a.case_id = wanted AND a.disarmed_at IS NULL;
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  VALUES (gen_random_uuid(), wanted, 'state', NULL, 'closed_as:' || reason || ':' || outcome, clock_timestamp(), app.uid());
END $$;

-- app.case_reopen | caller: web (holds share_case) | right: a case that is closed and not erased | test: tests/security/test_second_person.py
CREATE FUNCTION app.case_reopen(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted AND app.case_allows(c.id, 'reopen_case') AND app.holds(c.id, 'share_case') FOR NO KEY UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  UPDATE cases_case c SET state = 'open', closed_at = NULL, closed_by_id = NULL, closure_reason = '', legal_outcome = '', retention_due_on = NULL
   WHERE c.id = wanted;
END $$;
