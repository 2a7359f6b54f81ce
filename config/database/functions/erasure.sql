-- Erasing a case or a request: two people, everything, a receipt. What belongs to it is generated (config/database/erasure.py).

-- app.erase_rows | caller: functions | right: none of its own | test: tests/security/test_erasure.py
-- Everything that belongs to a case, children first; `kept` is the one date that stays, with lead and backup whom it reminds.
CREATE FUNCTION app.erase_rows(wanted uuid, kept uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
@rows_of_a_case@
END $$;

-- app.same_requests | caller: functions | right: none of its own | test: tests/security/test_erased_requests.py
-- A request and those that were marked as the same, however far away: they tell of her, too. Two that name each other are two.
CREATE FUNCTION app.same_requests(wanted uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
  WITH RECURSIVE same (id) AS (
    SELECT r.id FROM cases_helprequest r WHERE r.id = wanted
    UNION SELECT r.id FROM cases_helprequest r JOIN same s ON r.duplicate_of_id = s.id WHERE r.state = 'duplicate'
  )
  SELECT coalesce(array_agg(same.id ORDER BY same.id), '{}') FROM same
$$;

-- app.erase_request_rows | caller: functions | right: none of its own | test: tests/security/test_erasure.py
-- Everything that belongs to one request, children first.
CREATE FUNCTION app.erase_request_rows(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
@rows_of_a_request@
END $$;

-- app.erase_requests | caller: functions | right: none of its own | test: tests/security/test_erasure.py
-- These requests with everything that belongs to them. Another one that named one of them as the same names none.
CREATE FUNCTION app.erase_requests(gone uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE cases_helprequest r SET duplicate_of_id = NULL
   WHERE r.duplicate_of_id = ANY (gone) AND NOT r.id = ANY (gone) AND r.state <> 'accepted';
  PERFORM app.erase_request_rows(one) FROM unnest(gone) one;
  DELETE FROM cases_helprequest r WHERE r.id = ANY (gone);
END $$;

-- app.erase_case | caller: functions | right: none of its own | test: tests/security/test_erasure.py
-- The act, with its receipt, of which whoever asked is told if she could still see the case. With `kept` the shell of the case stays, with its code and that date; all it said is unsaid.
CREATE FUNCTION app.erase_case(wanted uuid, kept uuid, why text, receipt uuid, asker uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  gone uuid[];
  told boolean := asker IS DISTINCT FROM app.uid() AND app.works_on(asker, wanted);
BEGIN
  SELECT c.request_id, c.hold_reason INTO STRICT hit FROM cases_case c WHERE c.id = wanted FOR UPDATE;
  IF hit.hold_reason <> '' THEN RAISE EXCEPTION 'held'; END IF;
  gone := app.same_requests(hit.request_id);
  PERFORM app.erase_parts(wanted, kept, gone);
  INSERT INTO cases_erasure (id, number, what, reason, erased_id, kept_id, request_ids, at, asked_by_id, agreed_by_id)
  VALUES (receipt, app.receipt_number(), CASE WHEN kept IS NULL THEN 'case' ELSE 'date' END, why, wanted, kept, gone,
          clock_timestamp(), asker, app.uid());
  IF told THEN PERFORM app.ended_told(asker, NULL, 'erased', receipt); END IF;
  PERFORM app.audit_note('case_erased', wanted::text, CASE WHEN kept IS NULL THEN 'case:' ELSE 'date:' END || why);
END $$;

-- app.erase_parts | caller: functions | right: none of its own | test: tests/security/test_erasure.py
-- The rows of a case and of the requests that go with it. PostgreSQL checks every reference at the end: what would be left
-- behind stops the whole.
CREATE FUNCTION app.erase_parts(wanted uuid, kept uuid, gone uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF kept IS NOT NULL THEN
    -- Whom she named when the request was logged must not see the shell either: the wall moves from the request to it.
    UPDATE cases_wall w SET case_id = wanted, request_id = NULL
     WHERE w.id IN (SELECT DISTINCT ON (r.user_id) r.id FROM cases_wall r
                     WHERE r.request_id = ANY (gone) AND r.lifted_at IS NULL
                       AND NOT EXISTS (SELECT 1 FROM cases_wall o WHERE o.case_id = wanted AND o.user_id = r.user_id AND o.lifted_at IS NULL)
                     ORDER BY r.user_id, r.set_at);
    UPDATE cases_case c SET request_id = NULL, subject_id = gen_random_uuid(), state = 'erased',
           stage = 'engagement', risk = 'unknown', language = 'other', minor = 'unknown', person_category = 'unknown',
           age_band = 'unknown', gender = 'unknown', on_duty_may_call = false, opened_at = clock_timestamp(),
           closed_at = clock_timestamp(), closed_by_id = coalesce(app.uid(), c.closed_by_id, c.opened_by_id), closure_reason = '',
           legal_outcome = '', reassess_at = NULL, reviewed_on = NULL, next_review_on = NULL, offence_learned_on = NULL,
           suspect_learned_on = NULL, inbox_public_key = '', paused_at = NULL,
           next_due_on = d.due_on, retention_due_on = d.due_on + 1
      FROM cases_deadline d WHERE c.id = wanted AND d.id = kept AND d.case_id = wanted;
    IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  END IF;
  PERFORM app.erase_rows(wanted, kept);
  IF kept IS NULL THEN DELETE FROM cases_case WHERE id = wanted; END IF;
  PERFORM app.erase_requests(gone);
  SET CONSTRAINTS ALL IMMEDIATE;
  SET CONSTRAINTS ALL DEFERRED;
END $$;

-- app.receipt_number | caller: functions | right: none | test: tests/security/test_erasure.py
CREATE FUNCTION app.receipt_number() RETURNS text LANGUAGE sql AS $$
  SELECT upper(substr(t, 1, 4) || '-' || substr(t, 5, 4)) FROM (SELECT gen_random_uuid()::text AS t) r
$$;

-- app.erase_rest | caller: web (holds share_case) | right: a case of which one date was left, when that date is over; second factor | test: tests/security/test_erasure.py
-- Two had agreed to erase everything but the date; now it is over.
CREATE FUNCTION app.erase_rest(wanted uuid, receipt uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted AND c.state = 'erased' AND c.retention_due_on <= (clock_timestamp() AT TIME ZONE @zone@)::date
     AND app.holds(c.id, 'share_case') FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  PERFORM app.erase_case(wanted, NULL, 'retention', receipt, app.uid());
END $$;

-- app.request_erase | caller: web (caseworker of its team) | right: an ended request that became no case; two people of the team, each with her second factor | test: tests/security/test_erased_requests.py
-- The first says so, the second agrees and it is gone. Kept long enough, or she has asked for it.
CREATE FUNCTION app.request_erase(wanted uuid, why text, receipt uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  gone uuid[];
  told boolean;
BEGIN
  SELECT r.* INTO hit FROM cases_helprequest r
   WHERE r.id = wanted AND r.ended_at IS NOT NULL AND r.team_id = ANY (app.my_teams()) AND NOT app.is_walled(app.uid(), r.id)
     AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.request_id = r.id)
     AND (why = 'her_wish' OR (why = 'retention' AND r.ended_at < clock_timestamp() - make_interval(months => @keep_request_months@)))
     FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF hit.erase_asked_by_id IS NULL OR hit.erase_asked_by_id = app.uid() THEN
    UPDATE cases_helprequest r SET erase_asked_by_id = app.uid(), erase_asked_at = clock_timestamp() WHERE r.id = wanted;
    RETURN false;
  END IF;
  told := app.works_on(hit.erase_asked_by_id, wanted);
  gone := app.same_requests(wanted);
  INSERT INTO cases_erasure (id, number, what, reason, erased_id, request_ids, at, asked_by_id, agreed_by_id)
  VALUES (receipt, app.receipt_number(), 'request', why, wanted, gone, clock_timestamp(), hit.erase_asked_by_id, app.uid());
  PERFORM app.erase_requests(gone);
  IF told THEN PERFORM app.ended_told(hit.erase_asked_by_id, NULL, 'erased', receipt); END IF;
  PERFORM app.audit_note('request_erased', wanted::text, why);
  SET CONSTRAINTS ALL IMMEDIATE;
  SET CONSTRAINTS ALL DEFERRED;
  RETURN true;
END $$;

-- app.request_keep | caller: web (caseworker of its team) | right: a request that was named for erasure | test: tests/security/test_erased_requests.py
CREATE FUNCTION app.request_keep(wanted uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE cases_helprequest r SET erase_asked_by_id = NULL, erase_asked_at = NULL
   WHERE r.id = wanted AND r.team_id = ANY (app.my_teams()) AND NOT app.is_walled(app.uid(), r.id)
$$;

-- app.erasures | caller: worker, owner (the ledger outside the database) | right: opaque ids | test: tests/config/test_backup.py
CREATE FUNCTION app.erasures()
RETURNS TABLE (id uuid, number text, what text, reason text, erased_id uuid, kept_id uuid, request_ids uuid[], at timestamptz,
               asked_by_id uuid, agreed_by_id uuid)
LANGUAGE sql STABLE AS $$
  SELECT e.id, e.number::text, e.what::text, e.reason::text, e.erased_id, e.kept_id, e.request_ids, e.at, e.asked_by_id, e.agreed_by_id
    FROM cases_erasure e ORDER BY e.at, e.id
$$;

-- app.log_begins | caller: worker, owner (the ledger outside the database) | right: the hash of the first entry of the log | test: tests/config/test_backup.py
-- Says whose ledger a file is: a database that was made anew begins its log with another entry.
CREATE FUNCTION app.log_begins() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(e.hash, 'hex') FROM accounts_auditevent e WHERE e.sequence = 1
$$;

-- app.erasure_replay | caller: owner (manage.py restore) | right: owner | test: tests/config/test_backup.py
-- What was erased after the backup is erased again; its receipt comes back. True where there was something to erase. The
-- requests that went with a case are named: the backup may hold them without the case, or without the mark that ties them.
CREATE FUNCTION app.erasure_replay(line jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  gone uuid := line ->> 'erased';
  kept uuid := line ->> 'kept';
  requests uuid[] := ARRAY(SELECT one::uuid FROM jsonb_array_elements_text(line -> 'requests') one);
  is_there boolean;
  found_it boolean;
BEGIN
  IF NOT app.is_owner() THEN RAISE EXCEPTION 'not_allowed'; END IF;
  is_there := EXISTS (SELECT 1 FROM cases_case c WHERE c.id = gone AND (kept IS NULL OR c.state <> 'erased'));
  found_it := is_there OR EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = ANY (requests));
  IF is_there THEN
    -- A date that the backup does not know cannot be kept: then nothing is.
    PERFORM app.erase_parts(gone, (SELECT d.id FROM cases_deadline d WHERE d.id = kept AND d.case_id = gone), requests);
  ELSE
    PERFORM app.erase_requests(requests);
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
  END IF;
  INSERT INTO cases_erasure (id, number, what, reason, erased_id, kept_id, request_ids, at, asked_by_id, agreed_by_id)
  VALUES ((line ->> 'id')::uuid, line ->> 'number', line ->> 'what', line ->> 'reason', gone, kept, requests, (line ->> 'at')::timestamptz,
          (SELECT u.id FROM accounts_user u WHERE u.id = (line ->> 'asked_by')::uuid),
          (SELECT u.id FROM accounts_user u WHERE u.id = (line ->> 'agreed_by')::uuid))
  ON CONFLICT (id) DO NOTHING;
  IF found_it THEN
    PERFORM app.audit_note(CASE line ->> 'what' WHEN 'request' THEN 'request_erased' ELSE 'case_erased' END, gone::text, 'replayed');
  END IF;
  RETURN found_it;
END $$;
