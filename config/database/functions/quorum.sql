-- Small teams: acts that need two people, done by one after a delay while nobody else is able. The numbers are those of
-- accounts/quorum.py, put in when this file is applied.

-- app.quorum_rule | caller: functions | right: none | test: tests/security/test_quorum.py
CREATE FUNCTION app.quorum_rule(wanted text)
RETURNS TABLE (code text, needs integer, roles text[], barred text[], delay interval, review interval) LANGUAGE sql IMMUTABLE AS $$
  SELECT r.* FROM (VALUES
    @quorum@
  ) r (code, needs, roles, barred, delay, review) WHERE r.code = wanted
$$;

-- app.able | caller: functions | right: none | test: tests/security/test_quorum.py
-- Whether a person could act: active, enrolled, not away, no wall before this record.
CREATE FUNCTION app.able(person uuid, record uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active AND u.enrolled_at IS NOT NULL)
     AND NOT app.absent(person) AND NOT app.is_walled(person, record)
$$;

-- app.able_number | caller: functions | right: none | test: tests/security/test_quorum.py
-- How many are able to take part in what the rule asks for; of a vouching neither she herself nor who invited her.
CREATE FUNCTION app.able_number(rule text, record uuid) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT count(*)::integer FROM accounts_user u, app.quorum_rule(rule) q
   WHERE u.roles::text[] && q.roles AND NOT u.roles::text[] && q.barred
     AND app.able(u.id, coalesce((SELECT a.case_id FROM cases_approval a WHERE a.id = record), record))
     AND (rule <> 'vouch' OR (u.id <> record
          AND u.id IS DISTINCT FROM (SELECT i.invited_by_id FROM accounts_user i WHERE i.id = record)
          AND (app.vouched(u.id) OR EXISTS (SELECT 1 FROM accounts_teammember m WHERE m.user_id = u.id))))
$$;

-- app.second_able | caller: functions | right: none | test: tests/security/test_quorum.py
-- Whether somebody is able to answer this question: lead, backup or supervisor of the case, whatever her role in the house,
-- and neither who asked nor whom it is about.
CREATE FUNCTION app.second_able(question uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_approval p
                   JOIN cases_assignment a ON a.case_id = p.case_id AND a.state = 'live' AND a.role IN ('lead', 'backup', 'supervisor')
                  WHERE p.id = question AND a.user_id <> p.asked_by_id AND a.user_id IS DISTINCT FROM app.about_whom(p)
                    AND app.able(a.user_id, p.case_id))
$$;

-- app.fallback_open | caller: web, functions | right: everybody signed in, and the owner; yes or no | test: tests/security/test_quorum.py
-- Fewer people than the rule needs are able, and nobody is who could answer this very question. A rule that is not in the table has no fallback.
CREATE FUNCTION app.fallback_open(rule text, record uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT (app.uid() IS NOT NULL OR app.is_owner())
     AND EXISTS (SELECT 1 FROM app.quorum_rule(rule) q WHERE app.able_number(rule, record) < q.needs)
     AND NOT app.second_able(record)
$$;

-- app.delayed_may | caller: functions | right: none of its own | test: tests/security/test_quorum.py
-- Whether the actor may do this act at all, were there a second person: what she asked one for, on a case that is still
-- hers (the code of such a rule is the kind of the approval), or a rule with a line of its own here.
CREATE FUNCTION app.delayed_may(rule text, record uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN rule = 'vouch' THEN
      app.has_role('caseworker', 'administrator') AND record <> app.uid() AND NOT app.vouched(record)
      AND EXISTS (SELECT 1 FROM accounts_publickey k JOIN accounts_user u ON u.id = k.user_id AND u.is_active
                   WHERE k.user_id = record AND k.retired_at IS NULL)
    WHEN rule = 'intake' THEN
      EXISTS (SELECT 1 FROM accounts_teammember m JOIN accounts_team t ON t.id = m.team_id
               WHERE t.id = record AND t.kind = 'intake' AND t.retired_at IS NULL AND m.user_id = app.uid() AND app.vouched(app.uid()))
    ELSE EXISTS (SELECT 1 FROM cases_approval a JOIN cases_case c ON c.id = a.case_id
                  WHERE a.id = record AND a.kind = rule AND a.state = 'asked' AND a.asked_by_id = app.uid()
                    AND app.has_role('caseworker') AND (c.state = 'open' OR a.kind IN ('open_identity', 'erase_case', 'keep_case', 'lift_hold'))
                    AND app.holds(a.case_id, CASE WHEN rule IN ('close_case', 'unprotect', 'erase_case', 'keep_case') THEN 'share_case' WHEN rule = 'open_identity' THEN 'view_case'
                                                       ELSE 'change_case' END))
    END
$$;

-- app.delayed_ask | caller: web | right: who may do the act herself, while nobody else is able | test: tests/security/test_quorum.py
-- Announces it: everybody who works here is told. Asked twice it is one. Returns when it is due.
CREATE FUNCTION app.delayed_ask(rule text, record uuid) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE due timestamptz;
BEGIN
  IF NOT app.delayed_may(rule, record) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.fallback_open(rule, record) THEN RAISE EXCEPTION 'people_able'; END IF;
  PERFORM app.delayed_lapse();
  INSERT INTO accounts_delayedact (id, rule, record_id, asked_at, asked_by_id, due_at)
  SELECT gen_random_uuid(), q.code, record, clock_timestamp(), app.uid(), clock_timestamp() + q.delay FROM app.quorum_rule(rule) q
  ON CONFLICT DO NOTHING RETURNING due_at INTO due;
  IF due IS NOT NULL THEN
    PERFORM app.audit_note('delayed_asked', record::text, rule);
    PERFORM app.everybody_told();
  END IF;
  RETURN due;
END $$;

-- app.everybody_told | caller: functions | right: none of its own | test: tests/security/test_quorum.py
-- The constant text to everybody who works here, except who acts.
CREATE FUNCTION app.everybody_told() RETURNS void LANGUAGE sql AS $$
  SELECT app.mail_wanted(u.id, true) FROM accounts_user u
   WHERE u.is_active AND u.enrolled_at IS NOT NULL AND u.id IS DISTINCT FROM app.uid()
$$;

-- app.delayed_lapse | caller: worker, functions | right: announced acts that nobody did within seven days | test: tests/security/test_how_it_ended.py
-- What nobody did within seven days after it was due is over. It is told within a week of that: what lapsed long ago, when
-- none of this was told yet, is no news.
CREATE FUNCTION app.delayed_lapse() RETURNS void LANGUAGE sql AS $$
  WITH over AS (
    UPDATE accounts_delayedact a SET cancelled_at = clock_timestamp()
     WHERE a.cancelled_at IS NULL AND a.done_at IS NULL AND a.due_at < clock_timestamp() - interval '7 days'
    RETURNING a.asked_by_id, a.rule, a.record_id, a.due_at
  )
  SELECT app.delayed_told(o.asked_by_id, o.rule, o.record_id, 'lapsed') FROM over o
   WHERE o.due_at > clock_timestamp() - interval '14 days'
$$;

-- app.delayed_told | caller: functions | right: none of its own | test: tests/security/test_how_it_ended.py
-- How an announced act ended, to whoever announced it; not where it came about meanwhile: a second person answered, who
-- told of it, or has vouched, or intake has its two people.
CREATE FUNCTION app.delayed_told(asker uuid, rule text, record uuid, what text) RETURNS void LANGUAGE sql AS $$
  SELECT app.ended_told(asker, a.case_id, what || ':' || rule, NULL) FROM cases_approval a
   WHERE a.id = record AND a.kind = rule AND a.state = 'asked'
  UNION ALL SELECT app.ended_told(asker, NULL, what || ':' || rule, NULL)
   WHERE CASE rule WHEN 'vouch' THEN NOT app.vouched(record) WHEN 'intake' THEN NOT app.intake_ready() ELSE false END
$$;

-- app.delayed_cancel | caller: web | right: everybody who works here | test: tests/security/test_quorum.py
CREATE FUNCTION app.delayed_cancel(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  UPDATE accounts_delayedact a SET cancelled_at = clock_timestamp(), cancelled_by_id = app.uid()
   WHERE a.id = wanted AND a.cancelled_at IS NULL AND a.done_at IS NULL
     AND app.has_role('caseworker', 'lawyer', 'coordinator', 'administrator')
  RETURNING a.asked_by_id, a.rule, a.record_id INTO hit;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  IF hit.asked_by_id IS DISTINCT FROM app.uid() THEN
    PERFORM app.delayed_told(hit.asked_by_id, hit.rule, hit.record_id, 'stopped');
  END IF;
  PERFORM app.audit_note('delayed_cancelled', hit.record_id::text, hit.rule);
END $$;

-- app.delayed_do | caller: web (who asked) | right: due, not stopped, and still nobody else is able | test: tests/security/test_quorum.py
-- The act itself. `proof` is what a vouching read out; other acts have none.
CREATE FUNCTION app.delayed_do(wanted uuid, proof bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT a.* INTO hit FROM accounts_delayedact a
   WHERE a.id = wanted AND a.asked_by_id = app.uid() AND a.cancelled_at IS NULL AND a.done_at IS NULL FOR UPDATE;
  IF NOT FOUND OR hit.due_at < clock_timestamp() - interval '7 days' THEN RAISE EXCEPTION 'wrong_state'; END IF;
  IF hit.due_at > clock_timestamp() THEN RAISE EXCEPTION 'too_early'; END IF;
  IF NOT app.delayed_may(hit.rule, hit.record_id) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.fallback_open(hit.rule, hit.record_id) THEN RAISE EXCEPTION 'people_able'; END IF;
  IF EXISTS (SELECT 1 FROM cases_approval a WHERE a.id = hit.record_id AND a.kind = hit.rule) THEN
    PERFORM app.approval_lock(hit.record_id);
    PERFORM app.approval_do(hit.record_id);
    PERFORM app.approval_end(hit.record_id, 'approved');
  ELSIF hit.rule = 'vouch' THEN
    INSERT INTO accounts_vouch (public_key_id, fingerprint, vouched_by_id, vouched_at)
    SELECT k.id, k.fingerprint, app.uid(), clock_timestamp() FROM accounts_publickey k
     WHERE k.user_id = hit.record_id AND k.retired_at IS NULL AND k.fingerprint = proof;
    IF NOT FOUND THEN RAISE EXCEPTION 'fingerprint_differs'; END IF;
    PERFORM app.audit_note('key_vouched', hit.record_id::text, encode(proof, 'hex'));
  END IF;
  UPDATE accounts_delayedact a SET done_at = clock_timestamp(), review_due_at = clock_timestamp() + q.review
    FROM app.quorum_rule(hit.rule) q WHERE a.id = wanted;
  PERFORM app.audit_note('delayed_done', hit.record_id::text, hit.rule);
END $$;

-- app.delayed_reviewable | caller: functions | right: none of its own | test: tests/security/test_quorum.py
-- Done, not reviewed, and the actor may be the one: never who asked, never whom the console made an administrator by it,
-- and nobody whom she invited.
CREATE FUNCTION app.delayed_reviewable(a accounts_delayedact) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT a.done_at IS NOT NULL AND a.reviewed_at IS NULL AND a.asked_by_id IS DISTINCT FROM app.uid()
     AND NOT (a.rule = 'administrator' AND EXISTS (SELECT 1 FROM accounts_user u
                                                    WHERE u.id = app.uid() AND a.record_id IN (u.id, u.invited_by_id)))
     AND app.has_role('caseworker', 'coordinator', 'administrator')
$$;

-- app.delayed_review | caller: web (caseworker, coordinator, administrator) | right: app.delayed_reviewable | test: tests/security/test_quorum.py
CREATE FUNCTION app.delayed_review(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  UPDATE accounts_delayedact a SET reviewed_at = clock_timestamp(), reviewed_by_id = app.uid()
   WHERE a.id = wanted AND app.delayed_reviewable(a)
  RETURNING a.rule, a.record_id INTO hit;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM app.audit_note('delayed_reviewed', hit.record_id::text, hit.rule);
END $$;

-- app.delayed_list | caller: web | right: everybody who works here: rule, names, times; the code only for whoever may see that case | test: tests/security/test_quorum.py
-- What is announced, and what was done and waits for a review; then the newest of the others, with who stopped one.
CREATE FUNCTION app.delayed_list(size integer)
RETURNS TABLE (id uuid, rule text, record_id uuid, asked_by text, asked_at timestamptz, due_at timestamptz, done_at timestamptz,
               review_due_at timestamptz, cancelled_at timestamptz, stopped_by text, reviewed_at timestamptz, reviewed_by text, mine boolean, reviewable boolean,
               code text)
LANGUAGE sql STABLE AS $$
  SELECT a.id, a.rule, CASE WHEN a.asked_by_id = app.uid() THEN a.record_id END, coalesce(u.display_name, ''), a.asked_at, a.due_at,
         a.done_at, a.review_due_at,
         CASE WHEN a.done_at IS NULL AND a.due_at < clock_timestamp() - interval '7 days' THEN a.due_at + interval '7 days' ELSE a.cancelled_at END,
         coalesce(s.display_name, ''),
         a.reviewed_at, coalesce(r.display_name, ''), a.asked_by_id IS NOT DISTINCT FROM app.uid(),
         app.delayed_reviewable(a),
         coalesce((SELECT c.code::text FROM cases_approval p JOIN cases_case c ON c.id = p.case_id
                    WHERE p.id = a.record_id AND p.kind = a.rule AND app.holds(c.id, 'view_case')), '')
    FROM accounts_delayedact a LEFT JOIN accounts_user u ON u.id = a.asked_by_id LEFT JOIN accounts_user r ON r.id = a.reviewed_by_id
    LEFT JOIN accounts_user s ON s.id = a.cancelled_by_id
   WHERE app.has_role('caseworker', 'lawyer', 'coordinator', 'administrator')
   ORDER BY (a.cancelled_at IS NULL AND a.reviewed_at IS NULL) DESC, a.asked_at DESC LIMIT size
$$;

-- app.intake_alone | caller: functions | right: none | test: tests/security/test_quorum.py
-- One vouched member of intake may go on alone: it was announced, is done, and nobody else is able still.
CREATE FUNCTION app.intake_alone() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_delayedact a JOIN accounts_team t ON t.id = a.record_id AND t.kind = 'intake' AND t.retired_at IS NULL
                   JOIN accounts_teammember m ON m.team_id = t.id JOIN accounts_user u ON u.id = m.user_id AND u.is_active
                  WHERE a.rule = 'intake' AND a.done_at IS NOT NULL AND app.vouched(m.user_id) AND app.fallback_open('intake', t.id))
$$;

-- app.administrator_restore | caller: owner (manage.py restore_administrator) | right: owner | test: tests/accounts/test_restore_administrator.py
-- Announces that an administrator will be invited from the console, to everybody; asked again it says when.
CREATE FUNCTION app.administrator_restore() RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE due timestamptz;
BEGIN
  IF NOT app.is_owner() THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM app.delayed_lapse();
  SELECT a.due_at INTO due FROM accounts_delayedact a WHERE a.rule = 'administrator' AND a.cancelled_at IS NULL AND a.done_at IS NULL;
  IF FOUND THEN RETURN due; END IF;
  INSERT INTO accounts_delayedact (id, rule, record_id, asked_at, due_at)
  SELECT gen_random_uuid(), q.code, '00000000-0000-0000-0000-000000000000', clock_timestamp(), clock_timestamp() + q.delay
    FROM app.quorum_rule('administrator') q RETURNING due_at INTO due;
  PERFORM app.audit_note('delayed_asked', '', 'administrator');
  PERFORM app.everybody_told();
  PERFORM app.keepers_told();
  RETURN due;
END $$;

-- app.restoring | caller: functions | right: owner | test: tests/accounts/test_restore_administrator.py
-- Whether the announced day has come and nobody has stopped it.
CREATE FUNCTION app.restoring() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT app.is_owner() AND EXISTS (SELECT 1 FROM accounts_delayedact a
    WHERE a.rule = 'administrator' AND a.cancelled_at IS NULL AND a.done_at IS NULL
      AND a.due_at <= clock_timestamp() AND a.due_at > clock_timestamp() - interval '7 days')
$$;

-- app.administrator_restored | caller: owner (manage.py restore_administrator) | right: owner, once | test: tests/accounts/test_restore_administrator.py
-- The act is from now on about her, so that she does not review it herself.
CREATE FUNCTION app.administrator_restored(person uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts_delayedact a SET done_at = clock_timestamp(), review_due_at = clock_timestamp() + q.review, record_id = person
    FROM app.quorum_rule('administrator') q
   WHERE a.rule = 'administrator' AND a.cancelled_at IS NULL AND a.done_at IS NULL AND app.is_owner();
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  PERFORM app.audit_note('delayed_done', person::text, 'administrator');
END $$;
