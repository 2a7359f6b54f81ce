-- How long a case is kept: proposed when it closes, decided by two, stopped by a legal hold. Nothing is erased by itself.

-- app.ending_ask | caller: web | right: what app.ending_sensible asks for; also of a closed case | test: tests/security/test_erasure.py
-- Asks a second person to erase, to keep longer or to lift a hold. No words: the reason is a code, a closed case takes none.
CREATE FUNCTION app.ending_ask(wanted uuid, approval uuid, what text, about uuid, said text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted FOR NO KEY UPDATE;
  IF what NOT IN ('erase_case', 'keep_case', 'lift_hold') THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF EXISTS (SELECT 1 FROM cases_approval p WHERE p.case_id = wanted AND p.kind = what AND p.state = 'asked')
     AND app.holds(wanted, 'change_case') THEN RAISE EXCEPTION 'asked'; END IF;
  INSERT INTO cases_approval (id, case_id, kind, record_id, detail, state, asked_at, asked_by_id)
  VALUES (approval, wanted, what, about, said, 'asked', clock_timestamp(), app.uid());
END $$;

-- app.ending_sensible | caller: functions | right: erasing and keeping: holds share_case, with her second factor; lifting a hold: works on the case | test: tests/security/test_erasure.py
-- Whether she can ask this of this case; raises what she can do something about.
CREATE FUNCTION app.ending_sensible(wanted uuid, what text, about uuid, said text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF NOT app.holds(wanted, CASE what WHEN 'lift_hold' THEN 'change_case' ELSE 'share_case' END) THEN RETURN false; END IF;
  IF what = 'erase_case' THEN
    IF EXISTS (SELECT 1 FROM cases_case c WHERE c.id = wanted AND c.hold_reason <> '') THEN RAISE EXCEPTION 'held'; END IF;
    IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  END IF;
  RETURN app.ending_fits(wanted, what, about, said);
END $$;

-- app.ending_fits | caller: functions | right: none of its own | test: tests/security/test_erasure.py
-- Whether it fits the case as it is now: judged when it is asked, and again when somebody agrees.
CREATE FUNCTION app.ending_fits(wanted uuid, what text, about uuid, said text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  hit record;
  today date := (clock_timestamp() AT TIME ZONE @zone@)::date;
BEGIN
  SELECT c.state, c.hold_reason, c.retention_due_on INTO hit FROM cases_case c WHERE c.id = wanted;
  IF hit.state IS NULL OR hit.state = 'erased' THEN RETURN false; END IF;
  IF what = 'lift_hold' THEN RETURN hit.hold_reason <> '' AND said = ''; END IF;
  IF what = 'keep_case' THEN
    RETURN hit.state <> 'open' AND said ~ '^\d{4}-\d\d-\d\d$' AND said::date > today AND said::date < today + 3660;
  END IF;
  RETURN said ~ '^(case|date):(her_wish|retention)$'
     AND (said LIKE 'date:%') = (about IS NOT NULL)
     AND (about IS NULL OR EXISTS (SELECT 1 FROM cases_deadline d WHERE d.id = about AND d.case_id = wanted AND d.state = 'running'
                                      AND d.due_on >= today))
     AND (said LIKE '%:her_wish' OR coalesce(hit.state <> 'open' AND hit.retention_due_on <= today, false));
END $$;

-- app.ending_do | caller: functions | right: none of its own; erasing asks for the second factor of whoever agrees | test: tests/security/test_erasure.py
CREATE FUNCTION app.ending_do(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT p.* INTO STRICT hit FROM cases_approval p WHERE p.id = wanted;
  IF NOT app.ending_fits(hit.case_id, hit.kind, hit.record_id, hit.detail) THEN RAISE EXCEPTION 'changed'; END IF;
  IF hit.kind = 'erase_case' THEN
    IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
    PERFORM app.erase_case(hit.case_id, hit.record_id, split_part(hit.detail, ':', 2), hit.id, hit.asked_by_id);
  ELSIF hit.kind = 'keep_case' THEN
    UPDATE cases_case c SET retention_due_on = hit.detail::date WHERE c.id = hit.case_id AND c.state <> 'open';
    PERFORM app.audit_note('case_kept', hit.case_id::text, hit.detail);
  ELSE
    UPDATE cases_case c SET hold_reason = '', held_at = NULL, held_by_id = NULL WHERE c.id = hit.case_id;
    PERFORM app.audit_note('hold_lifted', hit.case_id::text, '');
  END IF;
END $$;

-- app.hold_set | caller: web (lawyer of the case) | right: a lawyer who is on the case now | test: tests/security/test_erasure.py
-- From now on nothing of the case is erased, whoever has agreed to it. Stated twice it is stated once.
CREATE FUNCTION app.hold_set(wanted uuid, why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c JOIN cases_assignment a ON a.case_id = c.id AND a.user_id = app.uid() AND a.state = 'live' AND a.role = 'lawyer'
   WHERE c.id = wanted AND c.state <> 'erased' AND app.holds(c.id, 'view_case') FOR NO KEY UPDATE OF c;
  IF NOT FOUND OR why NOT IN ('proceedings', 'claim', 'authority', 'complaint') THEN RAISE EXCEPTION 'not_allowed'; END IF;
  UPDATE cases_case c SET hold_reason = why, held_at = clock_timestamp(), held_by_id = app.uid() WHERE c.id = wanted AND c.hold_reason <> why;
  IF FOUND THEN
    INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
    VALUES (gen_random_uuid(), wanted, 'state', NULL, 'held:' || why, clock_timestamp(), app.uid());
    PERFORM app.audit_note('hold_set', wanted::text, why);
  END IF;
END $$;

-- app.case_pause | caller: web (holds share_case) | right: an open case | test: tests/security/test_erasure.py
-- She wants nobody to call. Whoever is on call cannot reach her any more either.
CREATE FUNCTION app.case_pause(wanted uuid, pauses boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted AND c.state = 'open' AND app.holds(c.id, 'share_case') FOR NO KEY UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  UPDATE cases_case c SET paused_at = CASE WHEN pauses THEN clock_timestamp() END,
         on_duty_may_call = c.on_duty_may_call AND NOT pauses
   WHERE c.id = wanted AND (c.paused_at IS NULL) = pauses;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE cases_armedreach a SET disarmed_at = clock_timestamp(), disarmed_by_id = app.uid()
   WHERE a.case_id = wanted AND a.disarmed_at IS NULL AND pauses;
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  VALUES (gen_random_uuid(), wanted, 'state', NULL, CASE WHEN pauses THEN 'paused' ELSE 'resumed' END, clock_timestamp(), app.uid());
  PERFORM app.audit_note(CASE WHEN pauses THEN 'case_paused' ELSE 'case_resumed' END, wanted::text, '');
END $$;

-- app.nobody_holds | caller: functions | right: none of its own | test: tests/security/test_kept_dates.py
-- Whether this is the one date of an erased case, and all whom it would remind are gone. Away is not gone: a coordinator
-- enters who is away, and must not open a date for herself by that.
CREATE FUNCTION app.nobody_holds(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = wanted AND c.state = 'erased')
     AND NOT EXISTS (SELECT 1 FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
                      WHERE a.case_id = wanted AND a.state = 'live' AND a.role IN ('lead', 'backup') AND NOT app.is_walled(a.user_id, wanted))
$$;

-- app.date_to_give | caller: web, functions | right: lead and backup: the one date of an erased case of theirs; a coordinator: one that nobody holds; no wall for her | test: tests/security/test_kept_dates.py
-- The case, if she may give its date to somebody.
CREATE FUNCTION app.date_to_give(wanted text) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT c.id FROM cases_case c
   WHERE c.code = wanted AND app.case_allows(c.id, 'give_date') AND NOT app.is_walled(app.uid(), c.id)
     AND (app.holds(c.id, 'share_case') OR (app.has_role('coordinator') AND app.nobody_holds(c.id)))
$$;

-- app.may_keep_date | caller: functions | right: none | test: tests/security/test_kept_dates.py
-- Whether somebody can take such a date: a caseworker who works here, does not hold it already, and whom no wall keeps out.
-- What she carries does not count: an erased case weighs nothing, and its date must not stay with nobody.
CREATE FUNCTION app.may_keep_date(person uuid, wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT app.may_take_role(person, 'lead') AND NOT app.is_walled(person, wanted)
     AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.enrolled_at IS NOT NULL)
     AND NOT EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = wanted AND a.user_id = person AND a.state = 'live')
$$;

-- app.date_takers | caller: web (lead, backup) | right: whoever can take it, by id; nobody to a coordinator, who would read a wall from who is missing | test: tests/security/test_kept_dates.py
CREATE FUNCTION app.date_takers(wanted text) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT u.id FROM app.date_to_give(wanted) AS hit, accounts_user u WHERE app.holds(hit, 'share_case') AND app.may_keep_date(u.id, hit)
$$;

-- app.date_taker | caller: functions | right: none | test: tests/security/test_kept_dates.py
-- Who gets it from a coordinator, never she herself: first whoever is here and takes new work, then the rest; among
-- equals by lot, so that the choice tells nothing.
CREATE FUNCTION app.date_taker(wanted uuid) RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT u.id FROM accounts_user u
   WHERE u.id IS DISTINCT FROM app.uid() AND app.may_keep_date(u.id, wanted)
   ORDER BY app.absent(u.id) OR EXISTS (SELECT 1 FROM cases_workprofile w WHERE w.user_id = u.id AND NOT w.accepting), random() LIMIT 1
$$;

-- app.date_give | caller: web (lead, backup, coordinator) | right: what app.date_to_give says; lead and backup name somebody whom app.may_keep_date lets, for a coordinator app.date_taker chooses | test: tests/security/test_kept_dates.py
-- Nothing is sealed there any more: she needs no key, and has it at once. A lead who gives it becomes the backup, who may
-- leave; else she gets it beside the lead, or leads where nobody who works here does. Whoever cannot take it is refused by one word,
-- whatever the reason. People are locked before the case, so that nobody gets it who leaves meanwhile.
CREATE FUNCTION app.date_give(wanted text, person uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  hit uuid := app.date_to_give(wanted);
  chosen uuid := person;
  made uuid := gen_random_uuid();
  as_role text;
  led boolean;
BEGIN
  IF hit IS NULL OR app.holds(hit, 'share_case') IS NOT DISTINCT FROM (person IS NULL) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM app.people_lock(CASE WHEN person IS NULL
    THEN ARRAY(SELECT u.id FROM accounts_user u WHERE app.may_take_role(u.id, 'lead')) ELSE ARRAY[person] END || app.uid());
  PERFORM 1 FROM cases_case c WHERE c.id = hit FOR UPDATE;
  IF app.date_to_give(wanted) IS NULL OR app.holds(hit, 'share_case') IS NOT DISTINCT FROM (person IS NULL) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF person IS NULL THEN
    chosen := app.date_taker(hit);
    IF chosen IS NULL THEN RAISE EXCEPTION 'nobody_takes'; END IF;
  ELSIF NOT app.may_keep_date(person, hit) THEN RAISE EXCEPTION 'role_does_not_fit'; END IF;
  led := EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = hit AND a.user_id = app.uid() AND a.state = 'live' AND a.role = 'lead');
  UPDATE cases_assignment a SET role = 'backup' FROM accounts_user u
   WHERE u.id = a.user_id AND a.case_id = hit AND a.state = 'live' AND a.role = 'lead' AND (u.id = app.uid() OR NOT u.is_active);
  as_role := CASE WHEN EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = hit AND a.state = 'live' AND a.role = 'lead')
                  THEN 'backup' ELSE 'lead' END;
  INSERT INTO cases_assignment (id, case_id, user_id, role, state, offered_at, offered_by_id, live_at, ask_reason, end_reason, advice_only)
  VALUES (made, hit, chosen, as_role, 'live', clock_timestamp(), app.uid(), clock_timestamp(), '', '', false);
  INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id)
  SELECT hit, chosen, app.permission_id(code) FROM unnest(app.role_permissions(as_role)) code ON CONFLICT DO NOTHING;
  PERFORM app.people_told(made, 'joined');
  IF led THEN PERFORM app.people_told(made, 'given'); END IF;  -- says of both how they came to their roles
  PERFORM app.mail_wanted(chosen, false);
  RETURN made;
END $$;

-- app.retention_list | caller: web (coordinator) | right: fixed columns, no content, no walled case, a protected one only where nobody holds what is left of it | test: tests/security/test_erasure.py
-- Cases that were kept long enough, and before them dates of erased cases that nobody holds.
CREATE FUNCTION app.retention_list(start integer, size integer)
RETURNS TABLE (code text, state text, closed_at timestamptz, retention_due_on date, held boolean, asked text, lead text, unheld boolean)
LANGUAGE sql STABLE AS $$
  SELECT c.code::text, c.state::text, c.closed_at, c.retention_due_on, c.hold_reason <> '',
         coalesce((SELECT min(p.kind) FROM cases_approval p WHERE p.case_id = c.id AND p.state = 'asked'
                                                  AND p.kind IN ('erase_case', 'keep_case', 'lift_hold')), '')::text,
         coalesce((SELECT u.display_name FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
                    WHERE a.case_id = c.id AND a.role = 'lead' AND a.state = 'live'), '')::text, app.nobody_holds(c.id)
    FROM cases_case c
   WHERE app.has_role('coordinator') AND c.state <> 'open' AND NOT app.is_walled(app.uid(), c.id)
     AND ((c.compartment = 'standard' AND c.retention_due_on <= (clock_timestamp() AT TIME ZONE @zone@)::date)
          OR (c.state = 'erased' AND app.nobody_holds(c.id)))
   ORDER BY app.nobody_holds(c.id) DESC, c.retention_due_on, c.code OFFSET start LIMIT size
$$;
