-- Wraps that only somebody who has left could open, and how a successor takes them over.

-- app.parked_wraps | caller: web (the successor of an opened hand-over) | right: parked only; protected cases only by name; no wall of hers | test: tests/security/test_key_handover.py
CREATE FUNCTION app.parked_wraps(ceremony uuid)
RETURNS TABLE (case_id uuid, purpose text, version integer, departed uuid, sealed bytea) LANGUAGE sql STABLE AS $$
  SELECT w.case_id, w.purpose, w.version, w.user_id, w.sealed
    FROM accounts_ceremony h JOIN vault_wrap w ON w.user_id = h.user_id AND w.state = 'parked' JOIN cases_case c ON c.id = w.case_id
   WHERE h.id = ceremony AND h.kind = 'handover' AND h.state = 'opened' AND h.successor_id = app.uid() AND app.ceremony_alive(h)
     AND (c.compartment = 'standard' OR EXISTS (SELECT 1 FROM accounts_ceremonycase n WHERE n.ceremony_id = h.id AND n.code = c.code))
     AND NOT app.is_walled(app.uid(), c.id)
   ORDER BY w.case_id, w.purpose, w.version
$$;

-- app.parked_take | caller: web (the successor of an opened hand-over) | right: every parked wrap of the case, as her own | test: tests/security/test_key_handover.py
-- Parked wraps become hers, and she becomes lead, or backup where somebody leads the case.
CREATE FUNCTION app.parked_take(ceremony uuid, wanted uuid, batch jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  departed uuid;
  new_role text;
  assignment uuid;
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted FOR NO KEY UPDATE;
  SELECT p.departed INTO departed FROM app.parked_wraps(ceremony) p WHERE p.case_id = wanted LIMIT 1;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF EXISTS (SELECT 1 FROM app.parked_wraps(ceremony) p WHERE p.case_id = wanted AND NOT EXISTS (
       SELECT 1 FROM jsonb_array_elements(batch -> 'wraps') e
        WHERE e ->> 'purpose' = p.purpose AND (e ->> 'version')::integer = p.version)) THEN RAISE EXCEPTION 'keys_missing'; END IF;
  DELETE FROM vault_wrap w WHERE w.case_id = wanted AND w.user_id = app.uid() AND w.state = 'offered';
  UPDATE cases_assignment a SET state = 'declined', ended_at = clock_timestamp(), ended_by_id = app.uid()
   WHERE a.case_id = wanted AND a.user_id = app.uid() AND a.state = 'offered';
  INSERT INTO vault_wrap (id, case_id, purpose, version, user_id, state, sealed, made_at, made_by_id)
  SELECT gen_random_uuid(), wanted, p.purpose, p.version, app.uid(), 'live', decode(e ->> 'sealed', 'hex'), clock_timestamp(), app.uid()
    FROM app.parked_wraps(ceremony) p JOIN jsonb_array_elements(batch -> 'wraps') e
      ON e ->> 'purpose' = p.purpose AND (e ->> 'version')::integer = p.version
   WHERE p.case_id = wanted
  ON CONFLICT DO NOTHING;  -- a key that she holds already
  DELETE FROM vault_wrap w WHERE w.case_id = wanted AND w.user_id = departed AND w.state = 'parked';
  new_role := CASE WHEN EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = wanted AND a.state = 'live' AND a.role = 'lead'
                                   AND a.user_id <> app.uid()) THEN 'backup' ELSE 'lead' END;
  IF NOT app.may_take_role(app.uid(), new_role) THEN RAISE EXCEPTION 'role_does_not_fit'; END IF;
  UPDATE cases_assignment a SET role = new_role, until_on = NULL WHERE a.case_id = wanted AND a.user_id = app.uid() AND a.state = 'live'
  RETURNING a.id INTO assignment;
  IF NOT FOUND THEN
    assignment := gen_random_uuid();
    INSERT INTO cases_assignment (id, case_id, user_id, role, state, offered_at, offered_by_id, keys_sealed_at, live_at, end_reason,
                                  ask_reason, advice_only)
    VALUES (assignment, wanted, app.uid(), new_role, 'live', clock_timestamp(), app.uid(), clock_timestamp(), clock_timestamp(), '', '', false);
  END IF;
  INSERT INTO cases_caseuserpermission (content_object_id, user_id, permission_id)
  SELECT wanted, app.uid(), app.permission_id(code) FROM unnest(app.role_permissions(new_role)) code ON CONFLICT DO NOTHING;
  PERFORM app.people_told(assignment, CASE new_role WHEN 'lead' THEN 'led' ELSE 'joined' END);
  PERFORM app.audit_note('case_taken_over', wanted::text, ceremony::text);
END $$;
