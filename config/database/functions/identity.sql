-- The identity card: who may open it, for how long, and that everybody on the case sees who looked.

-- app.may_identify | caller: functions | right: lead or backup of the case, or an active grant that her consent covers; no wall | test: tests/security/test_identity.py
-- An allow-list: whatever state a grant has besides these opens nothing. The same stands in clauses.py for policies.
CREATE FUNCTION app.may_identify(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  WITH me AS MATERIALIZED (SELECT app.uid() AS id)
  SELECT NOT app.is_walled(me.id, wanted)
     AND (EXISTS (SELECT 1 FROM cases_assignment a
                   WHERE a.case_id = wanted AND a.user_id = me.id AND a.state = 'live' AND a.role IN ('lead', 'backup'))
          OR EXISTS (SELECT 1 FROM cases_identitygrant g JOIN cases_consent o ON o.id = g.consent_id AND o.case_id = g.case_id
                       JOIN cases_assignment a ON a.id = g.assignment_id AND a.state = 'live' AND a.user_id = g.person_id
                        AND a.case_id = g.case_id
                      WHERE g.case_id = wanted AND g.person_id = me.id AND g.state = 'active' AND g.until > clock_timestamp()
                        AND o.given AND o.withdrawn_at IS NULL AND (o.expires_at IS NULL OR o.expires_at > clock_timestamp())))
    FROM me
$$;

-- app.identity_opened | caller: policies | right: own openings of this session, as ids of cases | test: tests/security/test_identity.py
CREATE FUNCTION app.identity_opened() RETURNS uuid[] LANGUAGE sql STABLE AS $$
  WITH here AS MATERIALIZED (SELECT app.uid() AS person, app.session_hash() AS session)
  SELECT coalesce(array_agg(DISTINCT o.case_id), '{}') FROM here JOIN cases_identityopening o
      ON o.person_id = here.person AND o.session_hash = here.session
   WHERE o.case_id IS NOT NULL AND o.closed_at IS NULL AND o.closes_at > clock_timestamp() AND app.may_identify(o.case_id)
$$;

-- app.identity_until | caller: web, policies and functions | right: own opening, in the session in which she opened it | test: tests/security/test_opening_of_session.py
-- When the card that she opened closes; NULL while it is closed to her. It is open where she confirmed that it is she: not
-- on another device of hers, and nowhere once she has signed out.
CREATE FUNCTION app.identity_until(wanted uuid) RETURNS timestamptz LANGUAGE sql STABLE AS $$
  WITH here AS MATERIALIZED (SELECT app.uid() AS person, app.session_hash() AS session)
  SELECT max(o.closes_at) FROM here JOIN cases_identityopening o ON o.person_id = here.person AND o.session_hash = here.session
   WHERE o.case_id = wanted AND o.kind = 'card' AND o.closed_at IS NULL AND o.closes_at > clock_timestamp()
$$;

-- app.identity_searching | caller: policy of vault_sealed | right: own search, or comparison with a request, that is under way in this session | test: tests/security/test_identity.py
CREATE FUNCTION app.identity_searching() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_identityopening o
                  WHERE o.person_id = app.uid() AND o.session_hash = app.session_hash()
                    AND (o.kind = 'search' OR (o.kind = 'compare' AND o.case_id IS NULL))
                    AND o.closed_at IS NULL AND o.closes_at > clock_timestamp())
$$;

-- app.identity_budget_left | caller: web, functions | right: own looks | test: tests/security/test_identity.py
-- How many more she may open within 24 hours without a second person: ten cards, twenty searches, sixty comparisons of a
-- request with all her cards (the check of a text on one case is not counted: it is of a card that she holds anyway).
CREATE FUNCTION app.identity_budget_left(of_kind text) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT greatest(0, CASE of_kind WHEN 'card' THEN 10 WHEN 'search' THEN 20 WHEN 'compare' THEN 60 ELSE 0 END - count(*)::integer)
    FROM cases_identityopening o
   WHERE o.person_id = app.uid() AND o.kind = of_kind AND o.approval_id IS NULL AND (o.kind <> 'compare' OR o.case_id IS NULL)
     AND o.opened_at > clock_timestamp() - interval '24 hours'
$$;

-- app.identity_open | caller: web | right: may_identify, a card that was not erased, her second factor within five minutes, within her budget or agreed to by a second person | test: tests/security/test_identity.py
-- Opens a card for five minutes and says so to everybody on the case; a second click finds it open. Returns when it closes.
CREATE FUNCTION app.identity_open(wanted uuid, opening uuid, why text) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  me uuid := app.uid();
  closes timestamptz;
  agreed uuid;
BEGIN
  PERFORM 1 FROM accounts_user u WHERE u.id = me FOR NO KEY UPDATE;  -- her looks are counted one after the other
  IF NOT app.may_identify(wanted) OR why !~ '^[a-z_]{1,12}$'
     OR EXISTS (SELECT 1 FROM cases_case c WHERE c.id = wanted AND c.state = 'erased') THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  closes := app.identity_until(wanted);
  IF closes IS NOT NULL THEN RETURN closes; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF app.identity_budget_left('card') = 0 THEN
    SELECT p.id INTO agreed FROM cases_approval p
     WHERE p.case_id = wanted AND p.kind = 'open_identity' AND p.state = 'approved' AND p.asked_by_id = me
       AND p.answered_at > clock_timestamp() - interval '24 hours'
       AND NOT EXISTS (SELECT 1 FROM cases_identityopening o WHERE o.approval_id = p.id)
     ORDER BY p.answered_at LIMIT 1;
    IF agreed IS NULL THEN RAISE EXCEPTION 'budget'; END IF;
  END IF;
  closes := clock_timestamp() + interval '5 minutes';
  INSERT INTO cases_identityopening (id, case_id, person_id, session_hash, kind, reason, opened_at, closes_at, approval_id)
  VALUES (opening, wanted, me, app.session_hash(), 'card', why, clock_timestamp(), closes, agreed);
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  VALUES (gen_random_uuid(), wanted, 'identity', opening, 'looked:' || why, clock_timestamp(), me);
  PERFORM app.audit_note('identity_opened', wanted::text, why);
  PERFORM app.identity_alert(wanted, opening);
  RETURN closes;
END $$;

-- app.identity_alert | caller: functions | right: none of its own | test: tests/security/test_identity.py
-- Of a protected case the lead and the backup are told at once, whoever looked; where nobody else is left, its deputy.
CREATE FUNCTION app.identity_alert(wanted uuid, opening uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE person uuid;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.id = wanted AND c.compartment = 'protected') THEN RETURN; END IF;
  FOR person IN
    WITH holders AS (SELECT p.user_id FROM app.able_people(wanted) p WHERE p.holds AND p.user_id <> app.uid())
    SELECT h.user_id FROM holders h UNION SELECT d FROM app.deputies(wanted) d WHERE NOT EXISTS (SELECT 1 FROM holders)
  LOOP
    INSERT INTO cases_notice (id, user_id, kind, case_id, detail, created_at)
    VALUES (gen_random_uuid(), person, 'identity', wanted, opening::text, clock_timestamp());
    PERFORM app.mail_wanted(person, true);
  END LOOP;
END $$;

-- app.identity_card | caller: web | right: sees the case, may_identify, and for what the card says an own opening of it that lasts (app.identity_until) | test: tests/security/test_identity_card.py
-- The card in one look: her live wraps of the identity key, beside them what was sealed under each version. While the card
-- is closed to her the wraps come alone. What the policies of both tables ask for row by row is asked here once.
CREATE FUNCTION app.identity_card(wanted uuid) RETURNS TABLE (version integer, wrap bytea, record_id uuid, field text, revision integer, payload bytea)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  me uuid := app.uid();
  open boolean := app.identity_until(wanted) IS NOT NULL;
BEGIN
  IF NOT (app.may_identify(wanted) AND EXISTS (
      SELECT 1 FROM cases_caseuserpermission p
       WHERE p.content_object_id = wanted AND p.user_id = me AND p.permission_id = app.permission_id('view_case'))) THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT coalesce(w.version, s.key_version), w.sealed, s.record_id, s.field::text, s.revision, s.payload
    FROM (SELECT h.version, h.sealed FROM vault_wrap h
           WHERE h.case_id = wanted AND h.user_id = me AND h.purpose = 'identity' AND h.state = 'live') w
    FULL JOIN (SELECT t.key_version, t.record_id, t.field, t.revision, t.payload FROM vault_sealed t
                WHERE t.case_id = wanted AND t.purpose = 'identity' AND t.current AND open) s
      ON s.key_version = w.version;
END $$;

-- app.identity_close | caller: web | right: own openings of a case | test: tests/security/test_identity.py
CREATE FUNCTION app.identity_close(wanted uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE cases_identityopening o SET closed_at = clock_timestamp()
   WHERE o.person_id = app.uid() AND o.case_id = wanted AND o.closed_at IS NULL
$$;

-- app.identity_read_begin | caller: web | right: own cases; a search also her second factor and its own budget | test: tests/security/test_identity.py
-- Values are about to be compared by the program and shown to nobody: open for ten seconds, ended by identity_read_end.
-- `wanted` is a case, or NULL for an exact search over all cards she may open.
CREATE FUNCTION app.identity_read_begin(wanted uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE opening uuid := gen_random_uuid();
BEGIN
  IF wanted IS NULL THEN PERFORM 1 FROM accounts_user u WHERE u.id = app.uid() FOR NO KEY UPDATE; END IF;  -- searches are counted
  IF app.uid() IS NULL OR (wanted IS NOT NULL AND NOT app.may_identify(wanted)) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF wanted IS NULL THEN
    IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
    IF app.identity_budget_left('search') = 0 THEN RAISE EXCEPTION 'budget'; END IF;
  END IF;
  INSERT INTO cases_identityopening (id, case_id, person_id, session_hash, kind, reason, opened_at, closes_at)
  VALUES (opening, wanted, app.uid(), app.session_hash(), CASE WHEN wanted IS NULL THEN 'search' ELSE 'compare' END, '', clock_timestamp(),
          clock_timestamp() + interval '10 seconds');
  PERFORM app.audit_note(CASE WHEN wanted IS NULL THEN 'identities_searched' ELSE 'identity_compared' END,
                          coalesce(wanted::text, ''), '');
  RETURN opening;
END $$;

-- app.identity_compare_begin | caller: web | right: a request of her teams, no wall; its own budget | test: tests/security/test_identity.py
-- Is this request possibly somebody whose card she holds? What is compared comes from the request, so no second factor.
CREATE FUNCTION app.identity_compare_begin(wanted uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE opening uuid := gen_random_uuid();
BEGIN
  PERFORM 1 FROM accounts_user u WHERE u.id = app.uid() FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = wanted AND r.team_id = ANY (app.my_teams()))
     OR wanted = ANY (app.walled()) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  IF app.identity_budget_left('compare') = 0 THEN RAISE EXCEPTION 'budget'; END IF;
  INSERT INTO cases_identityopening (id, case_id, person_id, session_hash, kind, reason, opened_at, closes_at)
  VALUES (opening, NULL, app.uid(), app.session_hash(), 'compare', '', clock_timestamp(), clock_timestamp() + interval '10 seconds');
  PERFORM app.audit_note('identity_compared', wanted::text, 'request');
  RETURN opening;
END $$;

-- app.identity_read_end | caller: web | right: own | test: tests/security/test_identity.py
CREATE FUNCTION app.identity_read_end(opening uuid) RETURNS void LANGUAGE sql AS $$
  UPDATE cases_identityopening o SET closed_at = clock_timestamp()
   WHERE o.id = opening AND o.person_id = app.uid() AND o.kind IN ('search', 'compare') AND o.closed_at IS NULL
$$;

-- app.text_written | caller: trigger on vault_sealed | right: none | test: tests/security/test_naming.py
-- A text of a case may name the survivor. Unless a writer who may open the card was asked before it was stored, or said
-- that it has to stand there, it waits for the next look of whoever may. What is added to the card makes every text wait.
-- Why somebody must not see the case has no row here: the row would tell of the wall.
CREATE FUNCTION app.text_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE looked boolean;
BEGIN
  IF NEW.field = 'wall.reason' OR (NEW.field = 'approval.reason'
       AND EXISTS (SELECT 1 FROM cases_approval p WHERE p.id = NEW.record_id AND app.about_whom(p) IS NOT NULL)) THEN
    RETURN NULL;
  END IF;
  IF NEW.case_id IS NOT NULL AND NEW.purpose = 'content' THEN
    looked := coalesce(current_setting('app.text_looked', true), '') = NEW.record_id || ':' || NEW.field AND app.may_identify(NEW.case_id);
    INSERT INTO cases_textcheck (id, case_id, record_id, field, state, written_at, written_by_id, checked_at)
    VALUES (gen_random_uuid(), NEW.case_id, NEW.record_id, NEW.field, CASE WHEN looked THEN 'clear' ELSE 'unchecked' END,
            NEW.written_at, NEW.written_by_id, CASE WHEN looked THEN NEW.written_at END)
    ON CONFLICT (record_id, field) DO UPDATE
       SET state = EXCLUDED.state, written_at = EXCLUDED.written_at, written_by_id = EXCLUDED.written_by_id,
           checked_at = EXCLUDED.checked_at;
  ELSIF NEW.case_id IS NOT NULL AND NEW.purpose = 'identity' AND NEW.field = 'identity.entry' THEN
    UPDATE cases_textcheck c SET state = 'unchecked', checked_at = NULL WHERE c.case_id = NEW.case_id AND c.state <> 'unchecked';
  END IF;
  RETURN NULL;
END $$;
