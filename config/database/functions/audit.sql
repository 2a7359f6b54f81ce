-- The log: one function appends, nobody changes.

-- app.audit_append | caller: web, worker, owner, once a request | right: everybody, about herself; not about keys that were made, nor of a restore but by the owner | test: tests/security/test_audit.py
-- Appends entries in order. That a key was made can only be said by the function or trigger that makes it; that the
-- database was restored only by the owner, because it explains heads that do not fit any more.
CREATE FUNCTION app.audit_append(batch jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE waited jsonb;
BEGIN
  IF EXISTS (SELECT 1 FROM jsonb_array_elements(batch -> 'entries') e
              WHERE e ->> 'action' IN ('key_published', 'team_created', 'case_keys_made', 'keeper_confirmed', 'case_erased',
                                       'request_erased', 'backup_key_made')
                 OR (e ->> 'action' = 'restored' AND NOT app.is_owner())) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  waited := app.audit_taken();
  -- Checks that wait for COMMIT lock rows of other tables: all of them before the head, which is always locked last.
  SET CONSTRAINTS ALL IMMEDIATE;
  SET CONSTRAINTS ALL DEFERRED;
  RETURN app.audit_write(jsonb_build_object('entries', waited || (  -- nobody says who acted but the database
    SELECT coalesce(jsonb_agg(e.entry - 'actor' ORDER BY e.number), '[]')
      FROM jsonb_array_elements(batch -> 'entries') WITH ORDINALITY AS e (entry, number))));
END $$;

-- app.audit_write | caller: functions | right: none of its own | test: tests/security/test_audit.py
-- Only codes and ids are let in: no free text can reach the log. An entry that waited says itself who acted.
CREATE FUNCTION app.audit_write(batch jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  head record;
  entry jsonb;
  me text := app.audit_actor();
  who text;
  moment timestamptz;
  canonical text;
BEGIN
  SELECT h.sequence, h.hash INTO STRICT head FROM accounts_audithead h WHERE h.id = 1 FOR UPDATE;
  FOR entry IN SELECT * FROM jsonb_array_elements(batch -> 'entries') LOOP
    IF NOT (entry ->> 'action' ~ '^[a-z_]{1,40}$' AND entry ->> 'outcome' IN ('done', 'attempted')
            AND entry ->> 'object' ~ '^[A-Za-z0-9-]{0,60}$' AND entry ->> 'detail' ~ '^[A-Za-z0-9_:.-]{0,100}$') THEN
      RAISE EXCEPTION 'audit_entry_malformed';
    END IF;
    who := coalesce(entry ->> 'actor', me);
    moment := clock_timestamp();
    head.sequence := head.sequence + 1;
    canonical := app.audit_canonical(head.sequence, moment, who, entry ->> 'action', entry ->> 'outcome',
                                     entry ->> 'object', entry ->> 'detail');
    head.hash := sha256(head.hash || convert_to(canonical, 'UTF8'));
    INSERT INTO accounts_auditevent (sequence, at, actor, action, outcome, object_id, detail, hash)
    VALUES (head.sequence, moment, who, entry ->> 'action', entry ->> 'outcome', entry ->> 'object',
            entry ->> 'detail', head.hash);
  END LOOP;
  UPDATE accounts_audithead SET sequence = head.sequence, hash = head.hash WHERE id = 1;
  RETURN head.sequence;
END $$;

-- app.audit_canonical | caller: functions | right: none | test: tests/security/test_audit.py
-- The text whose hash is chained: JSON with sorted keys and no blanks, times in UTC with microseconds.
CREATE FUNCTION app.audit_canonical(sequence bigint, at timestamptz, actor text, action text, outcome text,
                                    object_id text, detail text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format('{"action":%s,"actor":%s,"at":"%s","detail":%s,"object":%s,"outcome":%s,"sequence":%s}',
                to_json(action), to_json(actor), to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                to_json(detail), to_json(object_id), to_json(outcome), sequence)
$$;

-- app.audit_note | caller: functions | right: none of its own | test: tests/security/test_audit.py
-- What a function does is noted now, and in the chain at the end of the transaction, or gone with it. Nobody who goes on to
-- compare texts, or waits for a row of somebody else, keeps everybody from the head of the log.
CREATE FUNCTION app.audit_note(action text, object_id text, detail text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO app.audit_waiting (entry) VALUES (jsonb_build_object(
    'action', action, 'outcome', 'done', 'object', object_id, 'detail', detail, 'actor', app.audit_actor()))
$$;

-- app.audit_actor | caller: functions | right: none | test: tests/security/test_audit.py
CREATE FUNCTION app.audit_actor() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(app.uid()::text, 'role:' || session_user)
$$;

-- app.audit_taken | caller: functions | right: none of its own | test: tests/security/test_audit.py
-- What waits, in order, taken off. A waiting row is seen by its own transaction only: none is ever committed.
CREATE FUNCTION app.audit_taken() RETURNS jsonb LANGUAGE sql AS $$
  WITH taken AS (DELETE FROM app.audit_waiting w RETURNING w.number, w.entry)
  SELECT coalesce(jsonb_agg(t.entry ORDER BY t.number), '[]') FROM taken t
$$;

-- app.audit_waited | caller: trigger on app.audit_waiting | right: none | test: tests/security/test_audit.py
-- At COMMIT, whatever the program did or left out: first put at the end of the queue, behind the checks of foreign keys,
-- which lock rows of other tables; then brought into the chain.
CREATE FUNCTION app.audit_waited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE waited jsonb := app.audit_taken();
BEGIN
  IF waited = '[]' THEN RETURN NULL; END IF;
  IF NEW.is_last THEN
    PERFORM app.audit_write(jsonb_build_object('entries', waited));
  ELSE
    INSERT INTO app.audit_waiting (entry, is_last)
    SELECT e.entry, true FROM jsonb_array_elements(waited) WITH ORDINALITY AS e (entry, number) ORDER BY e.number;
  END IF;
  RETURN NULL;
END $$;

-- app.audit_head | caller: web (coordinator, administrator), owner | right: the head only | test: tests/security/test_audit.py
CREATE FUNCTION app.audit_head() RETURNS TABLE (sequence bigint, hash bytea) LANGUAGE sql STABLE AS $$
  SELECT h.sequence, h.hash FROM accounts_audithead h
   WHERE h.id = 1 AND (app.is_owner() OR app.has_role('coordinator', 'administrator'))
$$;

-- app.logged | caller: web, before anything is sealed | right: yes or no about a key whose fingerprint one has already | test: tests/security/test_sealed.py
-- Whether the first entry about this key names it: of a person, a team, or of a purpose and version of a case. A key
-- swapped in its table was not; an entry added later, by whomever, does not count.
CREATE FUNCTION app.logged(kind text, object text, said text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT e.detail = said FROM accounts_auditevent e
                    WHERE e.object_id = object AND e.action = kind AND e.outcome = 'done'
                      AND (kind <> 'case_keys_made' OR starts_with(e.detail, split_part(said, ':', 1) || ':' || split_part(said, ':', 2) || ':'))
                    ORDER BY e.sequence LIMIT 1),
                  (SELECT w.entry ->> 'detail' = said FROM app.audit_waiting w  -- made in this very transaction
                    WHERE w.entry ->> 'object' = object AND w.entry ->> 'action' = kind
                      AND (kind <> 'case_keys_made'
                           OR starts_with(w.entry ->> 'detail', split_part(said, ':', 1) || ':' || split_part(said, ':', 2) || ':'))
                    ORDER BY w.number LIMIT 1), false)
     AND kind IN ('key_published', 'team_created', 'case_keys_made', 'keeper_confirmed') AND length(said) >= 64
$$;

-- app.audit_read | caller: owner (manage.py verify_audit) | right: owner | test: tests/security/test_audit.py
CREATE FUNCTION app.audit_read(after bigint, batch integer)
RETURNS TABLE (sequence bigint, canonical text, hash bytea) LANGUAGE sql STABLE AS $$
  SELECT e.sequence, app.audit_canonical(e.sequence, e.at, e.actor, e.action, e.outcome, e.object_id, e.detail), e.hash
    FROM accounts_auditevent e WHERE e.sequence > after ORDER BY e.sequence LIMIT batch
$$;

-- app.key_version_logged | caller: trigger on vault_keyversion | right: none | test: tests/security/test_audit.py
-- Every new key of a case leaves its commitment in the chain, whoever inserts the row.
CREATE FUNCTION app.key_version_logged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM app.audit_note('case_keys_made', NEW.case_id::text,
                          NEW.purpose || ':' || NEW.version || ':' || encode(NEW.commitment, 'hex'));
  RETURN NULL;
END $$;
