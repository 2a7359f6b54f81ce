-- The log: one function appends, nobody changes.

-- app.audit_append | caller: web, worker, owner, once a request | right: everybody, about herself; not about keys that were made, nor of a restore but by the owner | test: tests/security/test_audit.py
-- Appends entries in order. That a key was made can only be said by the function or trigger that makes it; that the
-- database was restored only by the owner, because it explains heads that do not fit any more.
CREATE FUNCTION app.audit_append(batch jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM jsonb_array_elements(batch -> 'entries') e
              WHERE e ->> 'action' IN ('key_published', 'team_created', 'case_keys_made', 'keeper_confirmed')
                 OR (e ->> 'action' = 'restored' AND NOT app.is_owner())) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  RETURN app.audit_write(batch);
END $$;

-- app.audit_write | caller: functions | right: none of its own | test: tests/security/test_audit.py
-- Only codes and ids are let in: no free text can reach the log.
CREATE FUNCTION app.audit_write(batch jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  head record;
  entry jsonb;
  who text := coalesce(app.uid()::text, 'role:' || session_user);
  moment timestamptz;
  canonical text;
BEGIN
  SELECT h.sequence, h.hash INTO STRICT head FROM accounts_audithead h WHERE h.id = 1 FOR UPDATE;
  FOR entry IN SELECT * FROM jsonb_array_elements(batch -> 'entries') LOOP
    IF NOT (entry ->> 'action' ~ '^[a-z_]{1,40}$' AND entry ->> 'outcome' IN ('done', 'attempted')
            AND entry ->> 'object' ~ '^[A-Za-z0-9-]{0,60}$' AND entry ->> 'detail' ~ '^[A-Za-z0-9_:.-]{0,100}$') THEN
      RAISE EXCEPTION 'audit_entry_malformed';
    END IF;
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
CREATE FUNCTION app.audit_note(action text, object_id text, detail text) RETURNS void LANGUAGE sql AS $$
  SELECT app.audit_write(jsonb_build_object('entries', jsonb_build_array(jsonb_build_object(
    'action', action, 'outcome', 'done', 'object', object_id, 'detail', detail))))
$$;

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
                    ORDER BY e.sequence LIMIT 1), false)
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
