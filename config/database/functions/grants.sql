-- Somebody besides lead and backup opens an identity: asked for, approved by others, shown to all, ended in many ways.

-- app.consent_covers | caller: functions | right: none of its own | test: tests/security/test_grants.py
-- Whether a consent of the same case covers a grant now: the list of cases/policies.py, put in when functions are made.
CREATE FUNCTION app.consent_covers(wanted uuid, consent uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM cases_identitygrant g JOIN cases_consent o ON o.id = consent AND o.case_id = g.case_id
     WHERE g.id = wanted AND o.given AND o.withdrawn_at IS NULL AND (o.expires_at IS NULL OR o.expires_at > clock_timestamp())
       AND (g.kind <> 'representation' OR o.how = 'written')
       AND (g.kind, g.reason, o.purpose) IN (VALUES @grant_cover@))
$$;

-- app.holds_identity | caller: functions | right: none of its own | test: tests/security/test_grants.py
-- Lead or backup of a case, by name.
CREATE FUNCTION app.holds_identity(person uuid, wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_assignment a
                  WHERE a.case_id = wanted AND a.user_id = person AND a.state = 'live' AND a.role IN ('lead', 'backup'))
$$;

-- app.may_be_granted | caller: functions | right: none of its own | test: tests/security/test_grants.py
-- Whether she may get, or ask for, a grant of a kind: on the case with the content key and not with all keys; no wall.
CREATE FUNCTION app.may_be_granted(person uuid, wanted uuid, wanted_kind text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
     WHERE a.case_id = wanted AND a.user_id = person AND a.state = 'live' AND a.role IN ('lawyer', 'caseworker', 'supervisor')
       AND (wanted_kind = 'grant' OR (wanted_kind = 'representation' AND a.role = 'lawyer' AND NOT a.advice_only))
       AND NOT app.is_walled(person, wanted))
$$;

-- app.may_answer_grant | caller: functions | right: lead or backup with the identity key, not who asked, no wall, open case | test: tests/security/test_grants.py
CREATE FUNCTION app.may_answer_grant(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM cases_identitygrant g JOIN vault_wrap w ON w.case_id = g.case_id AND w.user_id = app.uid()
                                                         AND w.purpose = 'identity' AND w.state = 'live'
     WHERE g.id = wanted AND app.uid() NOT IN (g.asked_by_id, g.person_id) AND app.holds_identity(app.uid(), g.case_id)
       AND app.holds(g.case_id, 'share_case') AND app.case_allows(g.case_id, 'answer_grant'))
$$;

-- app.grant_lock | caller: functions | right: none of its own | test: tests/security/test_grants.py
-- The case of a grant is locked first, as everywhere.
CREATE FUNCTION app.grant_lock(wanted uuid) RETURNS void LANGUAGE sql AS $$
  SELECT 1 FROM cases_case c WHERE c.id = (SELECT g.case_id FROM cases_identitygrant g WHERE g.id = wanted) FOR NO KEY UPDATE
$$;

-- app.grant_told | caller: functions | right: none of its own | test: tests/security/test_grants.py
-- A line of the timeline, an entry of the log, and one line on the desks of lead, backup and the person it is about; a
-- newer one takes the place of an older.
CREATE FUNCTION app.grant_told(wanted uuid, act text, what text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  teller uuid := app.uid();
BEGIN
  SELECT g.case_id, g.person_id INTO STRICT hit FROM cases_identitygrant g WHERE g.id = wanted;
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  VALUES (gen_random_uuid(), hit.case_id, 'identity', wanted, what, clock_timestamp(), teller);
  PERFORM app.audit_note(act, wanted::text, split_part(what, ':', 2));
  PERFORM app.grant_noticed(hit.case_id, person, person IS DISTINCT FROM teller)
     FROM (SELECT p.user_id FROM app.able_people(hit.case_id) p WHERE p.holds
           UNION SELECT hit.person_id WHERE what <> 'grant_ended:left_case'
           UNION SELECT teller WHERE teller IS NOT NULL) told (person) ORDER BY person;
END $$;

-- app.grant_noticed | caller: functions | right: none of its own | test: tests/security/test_grants_end.py
CREATE FUNCTION app.grant_noticed(wanted_case uuid, person uuid, tells boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cases_notice n SET acknowledged_at = clock_timestamp()
   WHERE n.user_id = person AND n.case_id = wanted_case AND n.kind = 'grant' AND n.acknowledged_at IS NULL;
  IF NOT tells THEN RETURN; END IF;
  INSERT INTO cases_notice (id, user_id, kind, case_id, created_at)
  VALUES (gen_random_uuid(), person, 'grant', wanted_case, clock_timestamp());
  PERFORM app.mail_wanted(person, false);
END $$;

-- app.grant_ask | caller: web | right: herself, on a case she works on without its identity key; one at a time | test: tests/security/test_grants.py
-- Returns the grant: the new one, or the one that asks the very same already (a second click).
CREATE FUNCTION app.grant_ask(new_grant uuid, wanted_case uuid, new_kind text, why text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted_case AND app.holds(c.id, 'change_case') FOR NO KEY UPDATE;
  IF NOT FOUND OR NOT app.case_allows(wanted_case, 'ask_grant') OR NOT app.may_be_granted(app.uid(), wanted_case, new_kind)
     OR (new_kind, why) NOT IN (SELECT v.kind, v.reason FROM (VALUES @grant_cover@) v (kind, reason, purpose)) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  SELECT g.id, g.state, g.kind, g.reason INTO hit FROM cases_identitygrant g
   WHERE g.case_id = wanted_case AND g.person_id = app.uid() AND g.state IN ('asked', 'active');
  IF FOUND AND (hit.state, hit.kind, hit.reason) = ('asked', new_kind, why) THEN RETURN hit.id; END IF;
  IF FOUND THEN RAISE EXCEPTION 'asked_already'; END IF;
  INSERT INTO cases_identitygrant (id, case_id, person_id, assignment_id, kind, reason, state, asked_at, asked_by_id, end_reason)
  SELECT new_grant, wanted_case, a.user_id, a.id, new_kind, why, 'asked', clock_timestamp(), app.uid(), ''
    FROM cases_assignment a WHERE a.case_id = wanted_case AND a.user_id = app.uid() AND a.state = 'live';
  PERFORM app.grant_told(new_grant, 'grant_asked', 'grant_asked:' || new_kind || ':' || why);
  RETURN new_grant;
END $$;

-- app.grant_approve | caller: web | right: may_answer_grant; her second factor within five minutes; a consent of the survivor covers it; the identity key sealed by the approver to a vouched key | test: tests/security/test_grants.py
-- Asks everything again and turns wraps and grant live together. Of a protected case the first approval waits for that of
-- another holder. Returns active or waiting; the same answer twice is one answer.
CREATE FUNCTION app.grant_approve(wanted uuid, consent uuid, hours integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  hit cases_identitygrant%ROWTYPE;
  me uuid := app.uid();
  two boolean;
  first boolean;
BEGIN
  PERFORM app.grant_lock(wanted);
  SELECT g.* INTO hit FROM cases_identitygrant g WHERE g.id = wanted FOR UPDATE;
  IF NOT FOUND OR NOT app.may_answer_grant(wanted) OR hours IS NULL OR hours NOT BETWEEN 1 AND 168 THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF hit.state = 'active' AND me IN (hit.approved_by_id, hit.second_by_id) THEN
    IF hit.consent_id <> grant_approve.consent THEN RAISE EXCEPTION 'agreed_otherwise'; END IF;
    RETURN 'active';
  END IF;
  IF hit.state <> 'asked' THEN RAISE EXCEPTION 'answered'; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF NOT app.may_be_granted(hit.person_id, hit.case_id, hit.kind)
     OR NOT EXISTS (SELECT 1 FROM cases_assignment a WHERE a.id = hit.assignment_id AND a.case_id = hit.case_id
                       AND a.user_id = hit.person_id AND a.state = 'live') THEN
    RAISE EXCEPTION 'left_case';
  END IF;
  IF NOT app.vouched(hit.person_id) THEN RAISE EXCEPTION 'not_vouched'; END IF;
  SELECT c.compartment <> 'standard' INTO two FROM cases_case c WHERE c.id = hit.case_id;
  first := hit.approved_by_id IS NOT NULL AND app.holds_identity(hit.approved_by_id, hit.case_id)
           AND NOT app.is_walled(hit.approved_by_id, hit.case_id) AND app.consent_covers(wanted, hit.consent_id);
  IF two AND first THEN consent := hit.consent_id; hours := least(hours, hit.hours::integer); END IF;
  IF NOT app.consent_covers(wanted, consent) THEN RAISE EXCEPTION 'no_consent'; END IF;
  IF two AND (NOT first OR hit.approved_by_id = me) THEN  -- not yet: nothing that was sealed to her stays
    DELETE FROM vault_wrap w
     WHERE w.case_id = hit.case_id AND w.user_id = hit.person_id AND w.purpose = 'identity' AND w.state = 'offered';
  END IF;
  IF two AND first AND hit.approved_by_id = me THEN RETURN 'waiting'; END IF;
  IF two AND NOT first THEN
    UPDATE cases_identitygrant g SET approved_at = clock_timestamp(), approved_by_id = me, consent_id = consent,
           hours = grant_approve.hours WHERE g.id = wanted;
    PERFORM app.grant_told(wanted, 'grant_approved', 'grant_first:' || hit.kind);
    RETURN 'waiting';
  END IF;
  -- Every version that the approver holds is sealed to her, by the approver herself.
  IF EXISTS (SELECT 1 FROM vault_wrap o
              WHERE o.case_id = hit.case_id AND o.user_id = me AND o.purpose = 'identity' AND o.state = 'live'
                AND NOT EXISTS (SELECT 1 FROM vault_wrap w
                                 WHERE w.case_id = o.case_id AND w.user_id = hit.person_id AND w.purpose = o.purpose
                                   AND w.version = o.version AND w.state = 'offered' AND w.made_by_id = me)) THEN
    RAISE EXCEPTION 'keys_missing';
  END IF;
  UPDATE vault_wrap w SET state = 'live'
   WHERE w.case_id = hit.case_id AND w.user_id = hit.person_id AND w.purpose = 'identity' AND w.state = 'offered' AND w.made_by_id = me;
  UPDATE cases_identitygrant g SET state = 'active', consent_id = consent, hours = grant_approve.hours,
         approved_at = CASE WHEN two THEN g.approved_at ELSE clock_timestamp() END,
         approved_by_id = CASE WHEN two THEN g.approved_by_id ELSE me END,
         second_at = CASE WHEN two THEN clock_timestamp() END, second_by_id = CASE WHEN two THEN me END,
         until = app.grant_until(consent, g.kind, grant_approve.hours)
   WHERE g.id = wanted;
  PERFORM app.grant_told(wanted, 'grant_approved', 'grant_active:' || hit.kind);
  RETURN 'active';
END $$;

-- app.grant_until | caller: functions | right: none of its own | test: tests/security/test_grants.py
-- When it ends, or must be confirmed again; never later than the consent that covers it.
CREATE FUNCTION app.grant_until(consent uuid, kind text, hours integer) RETURNS timestamptz LANGUAGE sql AS $$
  SELECT least(o.expires_at, clock_timestamp() + CASE kind WHEN 'representation' THEN interval '90 days' ELSE make_interval(hours => hours) END)
    FROM cases_consent o WHERE o.id = consent
$$;

-- app.grant_decline | caller: web | right: may_answer_grant | test: tests/security/test_grants.py
CREATE FUNCTION app.grant_decline(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  PERFORM app.grant_lock(wanted);
  SELECT g.state, g.ended_by_id INTO hit FROM cases_identitygrant g WHERE g.id = wanted AND app.may_answer_grant(wanted) FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF hit.state = 'declined' AND hit.ended_by_id = app.uid() THEN RETURN; END IF;  -- a second click
  IF hit.state <> 'asked' THEN RAISE EXCEPTION 'answered'; END IF;
  UPDATE cases_identitygrant g SET state = 'declined', ended_at = clock_timestamp(), ended_by_id = app.uid() WHERE g.id = wanted;
  PERFORM app.grant_told(wanted, 'grant_declined', 'grant_declined');
END $$;

-- app.grant_confirm | caller: web | right: lead or backup, not herself; her second factor within five minutes; representation that lasts, is covered and does not end with the consent; of a protected case never the same holder twice in a row | test: tests/security/test_grants_end.py
-- For another ninety days. Of a protected case two holders agree: whoever agreed last, and now another one.
CREATE FUNCTION app.grant_confirm(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE two boolean;
BEGIN
  PERFORM app.grant_lock(wanted);
  SELECT c.compartment <> 'standard' INTO two FROM cases_identitygrant g JOIN cases_case c ON c.id = g.case_id WHERE g.id = wanted;
  IF app.may_answer_grant(wanted) AND NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF two AND app.may_answer_grant(wanted)
     AND EXISTS (SELECT 1 FROM cases_identitygrant g WHERE g.id = wanted AND g.state = 'active' AND g.second_by_id IS NOT DISTINCT FROM app.uid()) THEN
    RAISE EXCEPTION 'another_holder';
  END IF;
  UPDATE cases_identitygrant g SET until = app.grant_until(g.consent_id, g.kind, 0), warned_at = NULL,
         approved_at = CASE WHEN two THEN g.second_at ELSE g.approved_at END,
         approved_by_id = CASE WHEN two THEN g.second_by_id ELSE g.approved_by_id END,
         second_at = CASE WHEN two THEN clock_timestamp() ELSE g.second_at END,
         second_by_id = CASE WHEN two THEN app.uid() ELSE g.second_by_id END
   WHERE g.id = wanted AND g.kind = 'representation' AND g.state = 'active' AND g.until > clock_timestamp()
     AND NOT EXISTS (SELECT 1 FROM cases_consent o WHERE o.id = g.consent_id AND o.expires_at <= g.until)  -- it would last no longer
     AND app.may_answer_grant(wanted) AND app.consent_covers(wanted, g.consent_id)
     AND app.may_be_granted(g.person_id, g.case_id, g.kind);
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM app.grant_told(wanted, 'grant_confirmed', 'grant_confirmed');
END $$;

-- app.grant_end_by_hand | caller: web | right: her own, or a case she shares | test: tests/security/test_grants_end.py
-- Also takes back what was only asked. A second click changes nothing.
CREATE FUNCTION app.grant_end_by_hand(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM cases_identitygrant g WHERE g.id = wanted AND NOT app.is_walled(app.uid(), g.case_id)
                    AND (g.person_id = app.uid()
                         OR (app.holds(g.case_id, 'share_case') AND app.case_allows(g.case_id, 'end_grant')))) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  PERFORM app.grant_end(wanted, 'by_hand');
END $$;

-- app.grant_end | caller: functions | right: none of its own | test: tests/security/test_grants_end.py
-- State, wraps and open cards go in one transaction, so that an open page of hers shows nothing at its next click.
CREATE FUNCTION app.grant_end(wanted uuid, why text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  PERFORM app.grant_lock(wanted);
  SELECT g.case_id, g.person_id, g.state INTO hit FROM cases_identitygrant g
   WHERE g.id = wanted AND g.state IN ('asked', 'active') FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE cases_identitygrant g SET state = 'ended', ended_at = clock_timestamp(), ended_by_id = app.uid(), end_reason = why
   WHERE g.id = wanted;
  IF NOT app.holds_identity(hit.person_id, hit.case_id) THEN
    DELETE FROM vault_wrap w WHERE w.case_id = hit.case_id AND w.user_id = hit.person_id AND w.purpose = 'identity' AND w.state <> 'parked';
    UPDATE cases_identityopening o SET closed_at = clock_timestamp()
     WHERE o.case_id = hit.case_id AND o.person_id = hit.person_id AND o.closed_at IS NULL;
  END IF;
  PERFORM app.grant_told(wanted, 'grant_ended', 'grant_ended:' || why);
  IF hit.state = 'active' THEN PERFORM app.rotation_due(hit.case_id, 'identity'); END IF;
END $$;

-- app.grants_end | caller: functions | right: none of its own | test: tests/security/test_grants_end.py
-- What one person has on a case, asked or active: she leaves it, or must not see it any more.
CREATE FUNCTION app.grants_end(person uuid, wanted_case uuid, why text) RETURNS void LANGUAGE sql AS $$
  SELECT app.grant_end(g.id, why) FROM cases_identitygrant g
   WHERE g.case_id = wanted_case AND g.person_id = person AND g.state IN ('asked', 'active')
$$;

-- app.grants_fire | caller: worker | right: grants whose conditions have ended | test: tests/security/test_grants_end.py
-- The policies close at the second; here the wraps go. Fourteen days before a representation must be confirmed, lead and
-- backup are told, once.
CREATE FUNCTION app.grants_fire() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  fired integer := 0;
BEGIN
  FOR hit IN
    SELECT g.id, CASE WHEN o.withdrawn_at IS NOT NULL OR NOT o.given THEN 'withdrawn'
                      WHEN a.state <> 'live' OR app.is_walled(g.person_id, g.case_id) THEN 'left_case'  -- a wall is told to nobody
                      WHEN g.kind = 'representation' AND o.expires_at IS DISTINCT FROM g.until THEN 'not_confirmed'
                      ELSE 'time_over' END AS why
      FROM cases_identitygrant g JOIN cases_consent o ON o.id = g.consent_id JOIN cases_assignment a ON a.id = g.assignment_id
     WHERE g.state = 'active' AND (g.until <= clock_timestamp() OR o.expires_at <= clock_timestamp() OR o.withdrawn_at IS NOT NULL
           OR NOT o.given OR a.state <> 'live' OR app.is_walled(g.person_id, g.case_id))
     ORDER BY g.case_id, g.id
  LOOP
    PERFORM app.grant_end(hit.id, hit.why);
    fired := fired + 1;
  END LOOP;
  FOR hit IN
    SELECT g.id, g.case_id FROM cases_identitygrant g
     WHERE g.state = 'active' AND g.kind = 'representation' AND g.warned_at IS NULL
       AND g.until < clock_timestamp() + interval '14 days' ORDER BY g.case_id, g.id
  LOOP
    UPDATE cases_identitygrant g SET warned_at = clock_timestamp() WHERE g.id = hit.id;
    PERFORM app.grant_noticed(hit.case_id, p.user_id, true) FROM app.able_people(hit.case_id) p WHERE p.holds;
    fired := fired + 1;
  END LOOP;
  RETURN fired;
END $$;
