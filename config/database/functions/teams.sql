-- A member of a team leaves: the remaining ones make a new pair, and what waits is sealed to it.

-- app.team_leave | caller: functions | right: none of its own | test: tests/security/test_team_renewal.py
-- Takes somebody out of teams of a kind, or of every kind: present and older pairs, requests that were given to her. Not
-- where nobody else active holds the key: what is sealed to it would be lost.
CREATE FUNCTION app.team_leave(person uuid, only_kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts_team t SET renew_due_at = coalesce(t.renew_due_at, clock_timestamp())
   WHERE t.retired_at IS NULL AND only_kind IN (t.kind, '')
     AND EXISTS (SELECT 1 FROM accounts_teammember m WHERE m.team_id = t.id AND m.user_id = person);
  UPDATE cases_helprequest r SET assignee_id = NULL FROM accounts_team t
   WHERE r.assignee_id = person AND t.id = r.team_id AND only_kind IN (t.kind, '') AND r.ended_at IS NULL AND r.state <> 'accepted';
  DELETE FROM accounts_teammember m USING accounts_team t
   WHERE m.user_id = person AND t.id = m.team_id AND only_kind IN (t.kind, '')
     AND EXISTS (SELECT 1 FROM accounts_teammember o JOIN accounts_user u ON u.id = o.user_id AND u.is_active
                  WHERE o.team_id = m.team_id AND o.user_id <> person);
END $$;

-- app.team_remove | caller: web (a member, her second factor) | right: another member of a team of her own | test: tests/security/test_team_renewal.py
CREATE FUNCTION app.team_remove(wanted uuid, person uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE found_kind text;
BEGIN
  SELECT t.kind INTO found_kind FROM accounts_team t
   WHERE t.id = wanted AND t.retired_at IS NULL AND t.id = ANY (app.my_teams()) FOR UPDATE;
  IF NOT FOUND OR person = app.uid() THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF NOT EXISTS (SELECT 1 FROM accounts_teammember m WHERE m.team_id = wanted AND m.user_id = person) THEN
    RAISE EXCEPTION 'wrong_state';
  END IF;
  PERFORM app.team_leave(person, found_kind);
  PERFORM app.audit_note('team_member_removed', person::text, found_kind);
END $$;

-- app.team_recipients | caller: web (a member), functions | right: members of a team of her own, as ids | test: tests/security/test_team_renewal.py
-- Who gets the new pair of a team: whoever is a member now and active. Nobody new.
CREATE FUNCTION app.team_recipients(wanted uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT m.user_id FROM accounts_teammember m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
   WHERE m.team_id = wanted AND wanted = ANY (app.my_teams()) ORDER BY m.user_id
$$;

-- app.team_renew | caller: web (a member) | right: due, and exactly the recipients of app.team_recipients | test: tests/security/test_team_renewal.py
-- The old pair only opens from now on. Requests that became cases have no envelope any more and follow at once; where reach
-- is armed, a new key of it is sealed to the new pair with what is written next.
CREATE FUNCTION app.team_renew(new_team uuid, old_team uuid, public_half bytea, given jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE found_kind text;
BEGIN
  SELECT t.kind INTO found_kind FROM accounts_team t
   WHERE t.id = old_team AND t.retired_at IS NULL AND t.renew_due_at IS NOT NULL AND t.id = ANY (app.my_teams()) FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;  -- somebody was faster
  IF octet_length(public_half) <> 32 THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF ARRAY(SELECT r::text FROM app.team_recipients(old_team) r ORDER BY r::text)
     IS DISTINCT FROM ARRAY(SELECT w ->> 'to' FROM jsonb_array_elements(given -> 'wraps') w ORDER BY w ->> 'to') THEN
    RAISE EXCEPTION 'recipients_differ';
  END IF;
  UPDATE accounts_team t SET retired_at = clock_timestamp(), renew_due_at = NULL WHERE t.id = old_team;
  INSERT INTO accounts_team (id, kind, version, public_key, created_at, created_by_id)
  SELECT new_team, found_kind, max(t.version) + 1, public_half, clock_timestamp(), app.uid() FROM accounts_team t WHERE t.kind = found_kind;
  INSERT INTO accounts_teammember (id, team_id, user_id, added_at, added_by_id, sealed_team_key)
  SELECT gen_random_uuid(), new_team, (w ->> 'to')::uuid, clock_timestamp(), app.uid(), decode(w ->> 'sealed', 'hex')
    FROM jsonb_array_elements(given -> 'wraps') w;
  UPDATE cases_helprequest r SET team_id = new_team WHERE r.team_id = old_team AND r.state = 'accepted';
  PERFORM app.rotation_due(d.case_id, 'reach') FROM (SELECT DISTINCT w.case_id FROM vault_wrap w WHERE w.team_id = old_team) d;
  PERFORM app.audit_note('team_created', new_team::text, found_kind || ':' || encode(sha256(public_half), 'hex'));
  PERFORM app.audit_note('team_renewed', old_team::text, found_kind);
END $$;

-- app.request_reseal | caller: web (a member of both pairs) | right: a request of hers that waits under an older pair; every envelope of it | test: tests/security/test_team_renewal.py
-- `given` holds each envelope, in every version, sealed to the new pair.
CREATE FUNCTION app.request_reseal(wanted uuid, given jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT n.id, n.version INTO hit FROM cases_helprequest r JOIN accounts_team o ON o.id = r.team_id AND o.retired_at IS NOT NULL
    JOIN accounts_team n ON n.kind = o.kind AND n.retired_at IS NULL
   WHERE r.id = wanted AND r.state <> 'accepted' AND o.id = ANY (app.my_teams()) AND n.id = ANY (app.my_teams())
     AND NOT app.is_walled(app.uid(), r.id) FOR UPDATE OF r;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  IF ARRAY(SELECT s.id::text FROM vault_sealed s WHERE s.request_id = wanted ORDER BY s.id::text)
     IS DISTINCT FROM ARRAY(SELECT e ->> 'id' FROM jsonb_array_elements(given -> 'envelopes') e ORDER BY e ->> 'id') THEN
    RAISE EXCEPTION 'wrong_state';  -- somebody wrote meanwhile: with the next piece
  END IF;
  UPDATE cases_helprequest r SET team_id = hit.id WHERE r.id = wanted;
  UPDATE vault_sealed s SET payload = decode(e ->> 'payload', 'hex'), key_version = hit.version
    FROM jsonb_array_elements(given -> 'envelopes') e WHERE s.id = (e ->> 'id')::uuid AND s.request_id = wanted;
END $$;
