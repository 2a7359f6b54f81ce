-- Conflict slips: a lawyer says whether she knows the other side before content opens to her.

-- app.slip_send | caller: web (holds share_case) | right: to a lawyer asked onto the case or on it, whose key is vouched for | test: tests/security/test_conflict_slip.py
-- A letter to her alone and the question beside it. A new name later is a new slip: the old letter goes.
CREATE FUNCTION app.slip_send(wanted uuid, envelope bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  waits boolean;
BEGIN
  PERFORM app.case_lock(wanted);
  SELECT a.case_id, a.user_id INTO hit FROM cases_assignment a
   WHERE a.id = wanted AND a.role = 'lawyer' AND a.state IN ('offered', 'live') AND app.may_be_asked(a.user_id, a.case_id)
     AND app.case_allows(a.case_id, 'offer_assignment') FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.vouched(hit.user_id) THEN RAISE EXCEPTION 'not_vouched'; END IF;
  SELECT EXISTS (SELECT 1 FROM cases_conflictslip s WHERE s.assignment_id = wanted AND s.answer = 'pending') INTO waits;
  PERFORM app.slip_destroy(wanted);
  INSERT INTO vault_letter (id, record_id, field, recipient_id, payload, written_at, written_by_id)
  VALUES (gen_random_uuid(), wanted, 'slip.names', hit.user_id, envelope, clock_timestamp(), app.uid());
  INSERT INTO cases_conflictslip (assignment_id, answer, asked_at, asked_by_id)
  VALUES (wanted, 'pending', clock_timestamp(), app.uid())
  ON CONFLICT (assignment_id) DO UPDATE SET answer = 'pending', asked_at = clock_timestamp(), asked_by_id = app.uid(), answered_at = NULL;
  IF waits THEN RETURN; END IF;  -- a second click, or a correction before she answered
  PERFORM app.people_told(wanted, 'slip');
  PERFORM app.mail_wanted(hit.user_id, false);
END $$;

-- app.slip_destroy | caller: functions | right: none of its own | test: tests/security/test_conflict_slip.py
CREATE FUNCTION app.slip_destroy(wanted uuid) RETURNS void LANGUAGE sql AS $$
  DELETE FROM vault_letter l WHERE l.record_id = wanted AND l.field = 'slip.names'
$$;

-- app.slip_clear | caller: functions | right: none | test: tests/security/test_conflict_slip.py
-- Whether she may join: a lawyer has said that there is no conflict; nobody else is asked.
CREATE FUNCTION app.slip_clear(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT a.role <> 'lawyer' OR EXISTS (SELECT 1 FROM cases_conflictslip s WHERE s.assignment_id = a.id AND s.answer = 'clear')
    FROM cases_assignment a WHERE a.id = wanted
$$;

-- app.slip_answer | caller: web (the lawyer asked) | right: own slip that waits, no wall | test: tests/security/test_conflict_slip.py
-- The letter goes with the answer. A conflict declines the offer, or ends her role; lead and backup are told the one
-- or the other. The same answer twice is one answer.
CREATE FUNCTION app.slip_answer(wanted uuid, clear boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  said text := CASE WHEN clear THEN 'clear' ELSE 'conflict' END;
BEGIN
  PERFORM app.case_lock(wanted);
  SELECT a.case_id, a.user_id, a.state, s.answer INTO hit
    FROM cases_assignment a JOIN cases_conflictslip s ON s.assignment_id = a.id
   WHERE a.id = wanted AND a.user_id = app.uid() AND NOT app.is_walled(app.uid(), a.case_id) FOR UPDATE OF a, s;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF hit.answer = said AND (hit.state IN ('offered', 'live') OR NOT clear) THEN RETURN; END IF;
  IF hit.answer = 'conflict' THEN RAISE EXCEPTION 'slip_answered'; END IF;
  IF hit.state NOT IN ('offered', 'live') THEN RAISE EXCEPTION 'offer_over'; END IF;
  IF hit.answer <> 'pending' THEN RAISE EXCEPTION 'slip_answered'; END IF;
  PERFORM app.slip_destroy(wanted);
  UPDATE cases_conflictslip s SET answer = said, answered_at = clock_timestamp()
   WHERE s.assignment_id = wanted;
  PERFORM app.people_told(wanted, said);
  IF clear THEN RETURN; END IF;
  IF hit.state = 'live' THEN
    PERFORM app.access_end(wanted, 'conflict');
    PERFORM app.move_noticed(hit.case_id);
  ELSE
    DELETE FROM vault_wrap w WHERE w.case_id = hit.case_id AND w.user_id = hit.user_id AND w.state = 'offered';
    UPDATE cases_assignment a SET state = 'declined', end_reason = 'conflict', ended_at = clock_timestamp(), ended_by_id = app.uid()
     WHERE a.id = wanted;
    PERFORM app.people_told(wanted, 'declined');
    PERFORM app.offer_declined(wanted);
  END IF;
END $$;
