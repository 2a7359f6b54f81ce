-- New versions of a case key, because somebody who could open the old one has left.

-- app.rotation_due | caller: functions | right: none of its own | test: tests/security/test_rotation.py
-- Whatever is written from now on under this key of a case needs a new version.
CREATE FUNCTION app.rotation_due(wanted uuid, wanted_purpose text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO vault_rotationdue (id, case_id, purpose, due_since)
  SELECT gen_random_uuid(), wanted, wanted_purpose, clock_timestamp()
   WHERE EXISTS (SELECT 1 FROM vault_keyversion k WHERE k.case_id = wanted AND k.purpose = wanted_purpose)
  ON CONFLICT DO NOTHING
$$;

-- app.key_shared | caller: functions | right: none | test: tests/security/test_rotation.py
-- Whether somebody on the case holds this key and may give it on. Where nobody does, a new version waits for whoever takes the
-- case over: helpers who stay write under the old one, or she could not read it.
CREATE FUNCTION app.key_shared(wanted uuid, wanted_purpose text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM vault_wrap w JOIN accounts_user u ON u.id = w.user_id AND u.is_active
                   JOIN cases_caseuserpermission p ON p.content_object_id = w.case_id AND p.user_id = w.user_id
                    AND p.permission_id = app.permission_id('share_case')
                  WHERE w.case_id = wanted AND w.purpose = wanted_purpose AND w.state = 'live')
$$;

-- app.key_writable | caller: policies of vault_sealed and vault_chunk | right: none | test: tests/security/test_rotation.py
-- Whether something new may be written under this version: it is the newest one, and nobody who knew it has left.
CREATE FUNCTION app.key_writable(wanted uuid, wanted_purpose text, wanted_version integer) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT wanted_version = (SELECT max(k.version) FROM vault_keyversion k WHERE k.case_id = wanted AND k.purpose = wanted_purpose)
     AND NOT (EXISTS (SELECT 1 FROM vault_rotationdue d WHERE d.case_id = wanted AND d.purpose = wanted_purpose)
              AND app.key_shared(wanted, wanted_purpose))
$$;

-- app.key_entitled | caller: functions | right: none | test: tests/security/test_rotation.py
-- Whether a person's role on the case, live or offered, or an active grant brings this key. The same stands in
-- clauses.identifies for grants.
CREATE FUNCTION app.key_entitled(wanted uuid, wanted_purpose text, person uuid, wanted_state text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_assignment a
                  WHERE a.case_id = wanted AND a.user_id = person AND a.state = wanted_state
                    AND wanted_purpose = ANY (app.role_keys(a.role)))
      OR (wanted_purpose = 'identity' AND EXISTS (
            SELECT 1 FROM cases_identitygrant g JOIN cases_consent o ON o.id = g.consent_id AND o.case_id = g.case_id
              JOIN cases_assignment a ON a.id = g.assignment_id AND a.state = 'live' AND a.user_id = g.person_id
             WHERE g.case_id = wanted AND g.person_id = person AND g.state = 'active' AND g.until > clock_timestamp()
               AND o.given AND o.withdrawn_at IS NULL))
$$;

-- app.key_recipients | caller: functions | right: none | test: tests/security/test_rotation.py
-- Who gets the next version: whoever has a wrap, live or offered, and is entitled to it now; active, vouched for, no wall.
-- The reach key also the intake team, while reach is armed.
CREATE FUNCTION app.key_recipients(wanted uuid, wanted_purpose text)
RETURNS TABLE (version integer, user_id uuid, team_id uuid, state text) LANGUAGE sql STABLE AS $$
  WITH newest AS (SELECT max(k.version) AS version FROM vault_keyversion k WHERE k.case_id = wanted AND k.purpose = wanted_purpose)
  SELECT DISTINCT n.version + 1, w.user_id, NULL::uuid, w.state::text
    FROM newest n, vault_wrap w JOIN accounts_user u ON u.id = w.user_id AND u.is_active
   WHERE w.case_id = wanted AND w.purpose = wanted_purpose AND w.state IN ('live', 'offered')
     AND NOT app.is_walled(w.user_id, wanted) AND (w.user_id = app.uid() OR app.vouched(w.user_id))
     AND app.key_entitled(wanted, wanted_purpose, w.user_id, w.state)
  UNION ALL
  SELECT n.version + 1, NULL, t.id, 'live' FROM newest n, accounts_team t
   WHERE wanted_purpose = 'reach' AND t.kind = 'intake' AND t.retired_at IS NULL
     AND EXISTS (SELECT 1 FROM cases_armedreach a WHERE a.case_id = wanted AND a.disarmed_at IS NULL AND a.until > clock_timestamp())
$$;

-- app.rotation_begin | caller: web (whoever works on the case) | right: holds change_case | test: tests/security/test_rotation.py
-- Locks the case, so that nobody comes, goes or makes a version meanwhile, and says who gets the next one. The lock lets
-- records be added: two people who write at the same time do not wait for each other in a circle.
CREATE FUNCTION app.rotation_begin(wanted uuid, wanted_purpose text)
RETURNS TABLE (version integer, user_id uuid, team_id uuid, state text) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted AND app.holds(c.id, 'change_case') FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM vault_rotationdue d WHERE d.case_id = wanted AND d.purpose = wanted_purpose)
     OR NOT app.key_shared(wanted, wanted_purpose) THEN
    RETURN;  -- somebody was faster, or nobody could give it on
  END IF;
  RETURN QUERY SELECT r.* FROM app.key_recipients(wanted, wanted_purpose) r;
END $$;

-- app.key_rotate | caller: web (a holder of the key) | right: due, the next version, exactly the recipients of app.key_recipients | test: tests/security/test_rotation.py
-- `given` holds a wrap for each. A new reach key brings a new inbox. The trigger writes the commitment into the log.
CREATE FUNCTION app.key_rotate(wanted uuid, wanted_purpose text, new_version integer, new_commitment bytea, given jsonb, inbox bytea)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted AND app.holds(c.id, 'change_case') FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM vault_rotationdue d WHERE d.case_id = wanted AND d.purpose = wanted_purpose)
     OR NOT app.key_shared(wanted, wanted_purpose) OR octet_length(new_commitment) <> 32
     OR (wanted_purpose = 'reach') <> (inbox IS NOT NULL) OR octet_length(inbox) <> 32
     OR NOT EXISTS (SELECT 1 FROM app.key_recipients(wanted, wanted_purpose) r
                     WHERE r.user_id = app.uid() AND r.state = 'live' AND r.version = new_version) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  IF (SELECT coalesce(array_agg(coalesce(r.user_id, r.team_id)::text ORDER BY coalesce(r.user_id, r.team_id)::text), '{}') FROM app.key_recipients(wanted, wanted_purpose) r)
     IS DISTINCT FROM
     (SELECT coalesce(array_agg(w ->> 'to' ORDER BY w ->> 'to'), '{}') FROM jsonb_array_elements(given -> 'wraps') w) THEN
    RAISE EXCEPTION 'recipients_differ';
  END IF;
  INSERT INTO vault_wrap (id, case_id, purpose, version, user_id, team_id, state, sealed, made_at, made_by_id)
  SELECT gen_random_uuid(), wanted, wanted_purpose, new_version, r.user_id, r.team_id, r.state, decode(w ->> 'sealed', 'hex'),
         clock_timestamp(), app.uid()
    FROM app.key_recipients(wanted, wanted_purpose) r
    JOIN jsonb_array_elements(given -> 'wraps') w ON w ->> 'to' = coalesce(r.user_id, r.team_id)::text;
  INSERT INTO vault_keyversion (id, case_id, purpose, version, commitment, made_at, made_by_id)
  VALUES (gen_random_uuid(), wanted, wanted_purpose, new_version, new_commitment, clock_timestamp(), app.uid());
  UPDATE cases_case c SET inbox_public_key = inbox WHERE c.id = wanted AND inbox IS NOT NULL;
  DELETE FROM vault_rotationdue d WHERE d.case_id = wanted AND d.purpose = wanted_purpose;
END $$;
