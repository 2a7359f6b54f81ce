-- Reach armed: for a time, whoever is on call may reach one survivor. Nothing else of her case opens to her.

-- app.reach_armed | caller: policy of vault_wrap | right: holds share_case; everybody else reads false | test: tests/security/test_armed.py
-- Whether the reach key of a case may be sealed to a team now: armed, and the present intake team.
CREATE FUNCTION app.reach_armed(wanted uuid, wanted_team uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT app.holds(wanted, 'share_case')
     AND EXISTS (SELECT 1 FROM cases_armedreach a
                  WHERE a.case_id = wanted AND a.disarmed_at IS NULL AND a.until > clock_timestamp())
     AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = wanted AND c.compartment = 'standard')
     AND EXISTS (SELECT 1 FROM accounts_team t WHERE t.id = wanted_team AND t.kind = 'intake' AND t.retired_at IS NULL)
$$;

-- app.armed_changed | caller: trigger on cases_armedreach | right: in her own name only; never armed again by the same row | test: tests/security/test_armed.py
-- Disarmed is disarmed: the key that was sealed to the team is deleted in the same step. Every member could have opened it:
-- what is written about reach from now on is under a new one.
CREATE FUNCTION app.armed_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.disarmed_at IS NOT NULL OR NEW.disarmed_at IS NULL OR NEW.disarmed_by_id IS DISTINCT FROM app.uid() THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  DELETE FROM vault_wrap w WHERE w.case_id = NEW.case_id AND w.team_id IS NOT NULL;
  IF FOUND THEN PERFORM app.rotation_due(NEW.case_id, 'reach'); END IF;
  RETURN NEW;
END $$;

-- app.may_reach_on_duty | caller: functions | right: on call or second now, member of a team that opens how she is reached, no wall, armed | test: tests/security/test_armed.py
CREATE FUNCTION app.may_reach_on_duty(a cases_armedreach) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT a.disarmed_at IS NULL AND a.until > clock_timestamp()
     AND EXISTS (SELECT 1 FROM app.on_call() o WHERE o.user_id = app.uid())
     AND EXISTS (SELECT 1 FROM vault_sealed s
                   JOIN vault_wrap w ON w.case_id = s.case_id AND w.purpose = 'reach' AND w.version = s.key_version AND w.state = 'live'
                   JOIN accounts_teammember m ON m.team_id = w.team_id AND m.user_id = app.uid()
                  WHERE s.case_id = a.case_id AND s.record_id = a.case_id AND s.field = 'case.reach' AND s.current)
     AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = a.case_id AND c.state = 'open' AND c.compartment = 'standard')
     AND NOT app.is_walled(app.uid(), a.case_id)
$$;

-- app.duty_reachable | caller: web (on call) | right: may_reach_on_duty | test: tests/security/test_armed.py
-- Whom she may reach: code, why, until when, and the minute that was promised.
CREATE FUNCTION app.duty_reachable()
RETURNS TABLE (id uuid, case_code text, reason text, until timestamptz, promised_at timestamptz, attempt_id uuid, case_id uuid)
LANGUAGE sql STABLE AS $$
  SELECT a.id, c.code, a.reason, a.until,
         (SELECT min(t.due_at) FROM cases_task t
           WHERE t.case_id = a.case_id AND t.state = 'open' AND t.exact AND t.due_at < a.until),
         (SELECT b.id FROM cases_contactattempt b
           WHERE b.case_id = a.case_id AND b.begun_by_id = app.uid() AND b.on_duty AND b.ended_at IS NULL),
         a.case_id
    FROM cases_armedreach a JOIN cases_case c ON c.id = a.case_id
   WHERE a.disarmed_at IS NULL AND a.until > clock_timestamp() AND app.may_reach_on_duty(a)
   ORDER BY 5 NULLS LAST, a.armed_at, a.id
$$;

-- app.duty_call | caller: web (on call) | right: may_reach_on_duty | test: tests/security/test_armed.py
-- Begins a call on duty, or goes on with the one that is open. Lead and backup are told.
CREATE FUNCTION app.duty_call(wanted uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  attempt uuid := gen_random_uuid();
BEGIN
  SELECT a.case_id INTO hit FROM cases_armedreach a WHERE a.id = wanted AND app.may_reach_on_duty(a);
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  INSERT INTO cases_contactattempt (id, case_id, on_duty, begun_at, begun_by_id, result)
  VALUES (attempt, hit.case_id, true, clock_timestamp(), app.uid(), '') ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT b.id INTO attempt FROM cases_contactattempt b
     WHERE b.case_id = hit.case_id AND b.begun_by_id = app.uid() AND b.ended_at IS NULL AND b.on_duty;
    IF NOT FOUND THEN RAISE EXCEPTION 'call_is_open'; END IF;
    RETURN attempt;
  END IF;
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  VALUES (gen_random_uuid(), hit.case_id, 'call', attempt, 'duty_call', clock_timestamp(), app.uid());
  INSERT INTO cases_notice (id, user_id, kind, case_id, created_at)
  SELECT gen_random_uuid(), p.user_id, 'reached', hit.case_id, clock_timestamp()
    FROM app.able_people(hit.case_id) p WHERE p.holds AND p.user_id <> app.uid();
  PERFORM app.mail_wanted(p.user_id, false) FROM app.able_people(hit.case_id) p WHERE p.holds AND p.user_id <> app.uid();
  RETURN attempt;
END $$;

-- app.duty_reach | caller: web (on call) | right: her own open call while on call, and still may_reach_on_duty | test: tests/security/test_armed.py
-- The wrap of the team and the sealed way to reach her, nothing else. Each opening is in the log, whoever calls this.
CREATE FUNCTION app.duty_reach(attempt uuid)
RETURNS TABLE (case_id uuid, case_code text, team_id uuid, version integer, wrap bytea, revision integer, payload bytea) LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT a.case_id INTO hit FROM cases_contactattempt b JOIN cases_armedreach a ON a.case_id = b.case_id
   WHERE b.id = attempt AND b.begun_by_id = app.uid() AND b.on_duty AND b.ended_at IS NULL AND app.may_reach_on_duty(a);
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM app.audit_note('reach_opened', hit.case_id::text, 'duty');
  RETURN QUERY
    SELECT c.id, c.code::text, w.team_id, w.version, w.sealed, s.revision, s.payload
      FROM cases_case c
      JOIN vault_sealed s ON s.case_id = c.id AND s.record_id = c.id AND s.field = 'case.reach' AND s.purpose = 'reach' AND s.current
      JOIN vault_wrap w ON w.case_id = c.id AND w.purpose = 'reach' AND w.version = s.key_version AND w.state = 'live'
      JOIN accounts_teammember m ON m.team_id = w.team_id AND m.user_id = app.uid()
     WHERE c.id = hit.case_id;
END $$;

-- app.duty_call_end | caller: web | right: her own open call while on call | test: tests/security/test_armed.py
-- Ends it with a result, which the line of the timeline names. Whoever was reached needs not be reached again: that disarms.
CREATE FUNCTION app.duty_call_end(attempt uuid, outcome text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  UPDATE cases_contactattempt b SET ended_at = clock_timestamp(), result = outcome
   WHERE b.id = attempt AND b.begun_by_id = app.uid() AND b.on_duty AND b.ended_at IS NULL RETURNING b.case_id INTO hit;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  VALUES (gen_random_uuid(), hit.case_id, 'call', attempt,
          CASE outcome WHEN 'reached' THEN 'duty_reached' ELSE 'duty_tried:' || outcome END, clock_timestamp(), app.uid());
  IF outcome = 'reached' THEN
    UPDATE cases_armedreach a SET disarmed_at = clock_timestamp(), disarmed_by_id = app.uid()
     WHERE a.case_id = hit.case_id AND a.disarmed_at IS NULL;
  END IF;
END $$;

-- app.duty_clear | caller: functions | right: only what has ended | test: tests/security/test_armed.py
-- For the clock: what was armed and is over is disarmed, which deletes the keys sealed to the team; letters of shifts
-- handed over go after seven days.
CREATE FUNCTION app.duty_clear() RETURNS void LANGUAGE sql AS $$
  UPDATE cases_armedreach a SET disarmed_at = clock_timestamp()
   WHERE a.disarmed_at IS NULL
     AND (a.until <= clock_timestamp() OR NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = a.case_id AND c.state = 'open'));
  DELETE FROM vault_letter l WHERE l.field = 'handover.text' AND l.written_at < clock_timestamp() - interval '7 days';
$$;

-- app.handover_told | caller: web (who hands over) | right: her own hand-over | test: tests/cases/test_handover.py
-- The constant mail asks the other one to look at her desk.
CREATE FUNCTION app.handover_told(wanted uuid) RETURNS void LANGUAGE sql AS $$
  SELECT app.mail_wanted(h.to_user_id, false) FROM cases_shifthandover h
   WHERE h.id = wanted AND h.from_user_id = app.uid() AND h.taken_at IS NULL
$$;

-- app.handover_withdraw | caller: web (who handed over) | right: her own hand-over, until the other one has signed | test: tests/cases/test_handover.py
-- Sent to the wrong one: the hand-over goes with both letters, as if it had never been written. The log keeps that it was.
CREATE FUNCTION app.handover_withdraw(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM cases_shifthandover h WHERE h.id = wanted AND h.from_user_id = app.uid() AND h.taken_at IS NULL;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  DELETE FROM vault_letter l WHERE l.record_id = wanted AND l.field = 'handover.text';
END $$;
