-- Protected cases: named holders only, sensitive facts sealed, a deputy as the last rung.

-- app.case_protect | caller: web (lead, backup) | right: holds share_case of an open case; her second factor within five minutes; its sensitive facts are filed under content | test: tests/security/test_protected.py
-- In one act: off the board and out of the moves, nothing armed, no value of the sealed facts stays in the history, and what
-- one person alone has approved is over: two approve it anew.
CREATE FUNCTION app.case_protect(wanted uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted AND c.state = 'open' AND app.holds(c.id, 'share_case') FOR NO KEY UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF EXISTS (SELECT 1 FROM cases_case c WHERE c.id = wanted AND c.compartment = 'protected') THEN RETURN false; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF NOT EXISTS (SELECT 1 FROM vault_sealed s WHERE s.case_id = wanted AND s.record_id = wanted AND s.field = 'case.protected' AND s.current) THEN
    RAISE EXCEPTION 'not_filed';
  END IF;
  UPDATE cases_case c SET compartment = 'protected', person_category = 'sealed', age_band = 'sealed', gender = 'sealed',
         on_duty_may_call = false WHERE c.id = wanted;
  UPDATE cases_armedreach a SET disarmed_at = clock_timestamp(), disarmed_by_id = app.uid() WHERE a.case_id = wanted AND a.disarmed_at IS NULL;
  UPDATE cases_moverequest m SET state = 'declined', answered_at = clock_timestamp(), answered_by_id = app.uid()
   WHERE m.case_id = wanted AND m.state = 'open';
  UPDATE cases_notice n SET acknowledged_at = clock_timestamp() WHERE n.case_id = wanted AND n.kind = 'move' AND n.acknowledged_at IS NULL;
  UPDATE cases_timelineentry t SET detail = 'sealed_fact'
   WHERE t.case_id = wanted AND t.kind = 'change' AND t.detail ~ '^(person_category|age_band|gender):';
  PERFORM app.grant_end(g.id, 'protected') FROM cases_identitygrant g
    WHERE g.case_id = wanted AND g.state = 'active' AND g.second_by_id IS NULL ORDER BY g.id;
  RETURN true;
END $$;

-- app.case_unprotect | caller: functions | right: none of its own | test: tests/security/test_protected.py
-- Whoever agreed files the facts openly again in the same step. A deputy has nothing to stand by for any more.
CREATE FUNCTION app.case_unprotect(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cases_case c SET compartment = 'standard', person_category = 'unknown', age_band = 'unknown', gender = 'unknown' WHERE c.id = wanted;
  PERFORM app.access_end(a.id, 'work_done') FROM cases_assignment a
    WHERE a.case_id = wanted AND a.role = 'deputy' AND a.state IN ('offered', 'live');
END $$;

-- app.may_offer_role | caller: policy of cases_assignment | right: holds share_case; everybody else reads false | test: tests/security/test_protected.py
-- Onto a protected case only its lead asks somebody; a deputy is of protected cases only.
CREATE FUNCTION app.may_offer_role(wanted uuid, case_role text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT app.holds(wanted, 'share_case') AND EXISTS (
    SELECT 1 FROM cases_case c WHERE c.id = wanted AND CASE c.compartment
      WHEN 'standard' THEN case_role <> 'deputy'
      ELSE EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = c.id AND a.user_id = app.uid() AND a.state = 'live' AND a.role = 'lead') END)
$$;

-- app.deputies | caller: functions | right: none | test: tests/security/test_protected.py
-- Who is told of a protected case where a ladder ends: named, without a key.
CREATE FUNCTION app.deputies(wanted uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT a.user_id FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
    JOIN cases_case c ON c.id = a.case_id AND c.compartment = 'protected'
   WHERE a.case_id = wanted AND a.state = 'live' AND a.role = 'deputy' AND NOT app.is_walled(a.user_id, wanted)
$$;
