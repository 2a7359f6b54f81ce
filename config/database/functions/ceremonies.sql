-- Two keepers open one key: for herself (recover) or for a successor (hand over). The delay, the order and who may stop it
-- are judged here; what opens is judged by the codes alone.

-- app.ceremony_begin | caller: web, before there is an actor | right: everybody; nothing is answered | test: tests/security/test_ceremonies.py
-- A request of the person with this sign-in name. Nobody learns whether there is one.
-- A living request is never deleted to make room, and none is refused because others wait. Whoever knows a sign-in name
-- can ask in it, and nothing tells hers from a stranger's before a keeper was read the words. So any number of places
-- could be filled by a stranger: where the oldest gave way, hers would go after she has read the words to a keeper; where
-- the newcomer was refused, or tries counted for the account from everywhere, hers would never come in, and she could not
-- be told. A stranger's request does nothing to hers: keepers find one by its words, no page lists those that nobody has
-- peeled, nobody gets mail about them. What bounds their number is the counter of name and address, the calculation of
-- a password for each, and their age of seven days; a row is smaller than its entry in the log.
CREATE FUNCTION app.ceremony_begin(login text, request jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT u.id AS user_id, k.id AS key_id INTO hit FROM accounts_user u
    JOIN accounts_publickey k ON k.user_id = u.id AND k.retired_at IS NULL WHERE u.login_name = login AND u.is_active;
  IF NOT FOUND THEN RETURN; END IF;
  DELETE FROM accounts_ceremony c WHERE c.user_id = hit.user_id AND c.kind = 'recover' AND c.state = 'begun'
     AND c.expires_at < clock_timestamp();
  INSERT INTO accounts_ceremony (id, kind, state, user_id, public_key_id, begun_at, expires_at, request_key, fingerprint, check_hash,
                                 sealed_request, salt, passes, memory_kib, lanes, pepper_version)
  VALUES ((request ->> 'id')::uuid, 'recover', 'begun', hit.user_id, hit.key_id, clock_timestamp(),
          clock_timestamp() + interval '7 days', decode(request ->> 'request_key', 'hex'), decode(request ->> 'fingerprint', 'hex'),
          decode(request ->> 'check_hash', 'hex'), decode(request ->> 'sealed_request', 'hex'), decode(request ->> 'salt', 'hex'),
          (request ->> 'passes')::smallint, (request ->> 'memory_kib')::integer, (request ->> 'lanes')::smallint,
          (request ->> 'pepper_version')::smallint);
  PERFORM app.audit_note('ceremony_begun', hit.user_id::text, request ->> 'id');
END $$;

-- app.ceremony_alive | caller: functions | right: none | test: tests/security/test_ceremonies.py
-- Whether a ceremony may still go on: not over, not seven days old, and the person still there (or gone, for a hand-over).
CREATE FUNCTION app.ceremony_alive(c accounts_ceremony) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT c.state NOT IN ('done', 'cancelled') AND c.expires_at > clock_timestamp()
     AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = c.user_id AND u.is_active = (c.kind = 'recover'))
     AND (c.kind = 'recover' OR EXISTS (SELECT 1 FROM accounts_user s WHERE s.id = c.successor_id AND s.is_active))
$$;

-- app.keeper_of | caller: functions | right: none | test: tests/security/test_ceremonies.py
-- The keeper whose code gives this proof. Her public key would not do: staff can list it.
CREATE FUNCTION app.keeper_of(proof bytea) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT k.id FROM accounts_keykeeper k WHERE k.proof_hash = sha256(proof) AND app.keeper_works(k)
$$;

-- app.keeper_known | caller: web, on the keepers' pages | right: yes or no about a proof that only a code gives | test: tests/accounts/test_ceremony_pages.py
CREATE FUNCTION app.keeper_known(proof bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT app.keeper_of(proof) IS NOT NULL
$$;

-- app.ceremony_said | caller: web, on the keepers' pages | right: who has a keeper's code and was read the words | test: tests/security/test_ceremonies.py
-- What a keeper is shown about the request whose six words she was read.
CREATE FUNCTION app.ceremony_said(said bytea, proof bytea)
RETURNS TABLE (id uuid, kind text, state text, name text, successor text, protected integer, keeper_id uuid, user_id uuid,
               request_key bytea, fingerprint bytea, key_print bytea, first_id uuid, first_name text, peeled_at timestamptz,
               ready_at timestamptz, expires_at timestamptz, too_early boolean) LANGUAGE sql STABLE AS $$
  SELECT c.id, c.kind, c.state, u.display_name, coalesce(s.display_name, ''),
         (SELECT count(*)::integer FROM accounts_ceremonycase n WHERE n.ceremony_id = c.id), app.keeper_of(proof), c.user_id,
         c.request_key, c.fingerprint, k.fingerprint, c.first_id, coalesce(f.name, ''), c.peeled_at, c.ready_at, c.expires_at,
         coalesce(c.ready_at > clock_timestamp(), false)
    FROM accounts_ceremony c JOIN accounts_user u ON u.id = c.user_id JOIN accounts_publickey k ON k.id = c.public_key_id
    LEFT JOIN accounts_user s ON s.id = c.successor_id LEFT JOIN accounts_keykeeper f ON f.id = c.first_id
   WHERE substring(c.fingerprint FROM 1 FOR 12) = said AND c.state IN ('begun', 'peeled', 'opened') AND app.ceremony_alive(c)
     AND app.keeper_of(proof) IS NOT NULL
$$;

-- app.ceremony_copies | caller: web, on the keepers' pages | right: the first keeper, of a request that has begun | test: tests/security/test_ceremonies.py
CREATE FUNCTION app.ceremony_copies(wanted uuid, proof bytea)
RETURNS TABLE (second_id uuid, second_key bytea, sealed bytea) LANGUAGE sql STABLE AS $$
  SELECT k.second_id, s.public_key, k.sealed FROM accounts_ceremony c JOIN accounts_keepercopy k ON k.public_key_id = c.public_key_id
    JOIN accounts_keykeeper s ON s.id = k.second_id AND app.keeper_works(s)
   WHERE c.id = wanted AND c.state = 'begun' AND app.ceremony_alive(c) AND k.first_id = app.keeper_of(proof)
$$;

-- app.ceremony_peel | caller: web, on the keepers' pages | right: the first keeper, once | test: tests/security/test_ceremonies.py
-- From now on two days run; she, the administrators, the successor and the keepers are told.
CREATE FUNCTION app.ceremony_peel(wanted uuid, proof bytea, batch jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit accounts_ceremony;
  keeper uuid := app.keeper_of(proof);
BEGIN
  SELECT c.* INTO hit FROM accounts_ceremony c WHERE c.id = wanted AND c.state = 'begun' FOR UPDATE;
  IF NOT FOUND OR keeper IS NULL OR NOT app.ceremony_alive(hit) OR jsonb_array_length(batch -> 'parts') = 0
     OR EXISTS (SELECT 1 FROM jsonb_array_elements(batch -> 'parts') e
                 WHERE (e ->> 'second')::uuid = keeper OR NOT EXISTS (SELECT 1 FROM accounts_keykeeper k
                   WHERE k.id = (e ->> 'second')::uuid AND app.keeper_works(k))) THEN
    RAISE EXCEPTION 'wrong_state';
  END IF;
  INSERT INTO accounts_ceremonypart (id, ceremony_id, second_id, sealed)
  SELECT gen_random_uuid(), wanted, (e ->> 'second')::uuid, decode(e ->> 'sealed', 'hex') FROM jsonb_array_elements(batch -> 'parts') e;
  UPDATE accounts_ceremony c SET state = 'peeled', first_id = keeper, peeled_at = clock_timestamp(),
         ready_at = clock_timestamp() + interval '48 hours',
         expires_at = greatest(c.expires_at, clock_timestamp() + interval '5 days') WHERE c.id = wanted;
  PERFORM app.audit_note('ceremony_peeled', hit.user_id::text, wanted || ':' || keeper);
  PERFORM app.ceremony_told(wanted);
END $$;

-- app.ceremony_told | caller: functions | right: none of its own | test: tests/accounts/test_keeper_mail.py
CREATE FUNCTION app.ceremony_told(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM app.mail_wanted(u.id, true) FROM accounts_ceremony c JOIN accounts_user u ON u.is_active
     AND (u.id IN (c.user_id, c.successor_id) OR 'administrator' = ANY (u.roles)) WHERE c.id = wanted;
  PERFORM app.keepers_told();
END $$;

-- app.ceremony_part | caller: web, on the keepers' pages | right: the second keeper, never the first, after the delay | test: tests/security/test_ceremonies.py
CREATE FUNCTION app.ceremony_part(wanted uuid, proof bytea) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT p.sealed FROM accounts_ceremony c JOIN accounts_ceremonypart p ON p.ceremony_id = c.id
   WHERE c.id = wanted AND c.state = 'peeled' AND app.ceremony_alive(c) AND c.ready_at <= clock_timestamp()
     AND p.second_id = app.keeper_of(proof) AND c.first_id <> p.second_id
$$;

-- app.ceremony_open | caller: web, on the keepers' pages | right: the second keeper, never the first, after the delay | test: tests/security/test_ceremonies.py
-- The opened key comes in sealed to the request's own key; what was left of the copies goes.
CREATE FUNCTION app.ceremony_open(wanted uuid, proof bytea, sealed_result bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit accounts_ceremony;
BEGIN
  SELECT c.* INTO hit FROM accounts_ceremony c WHERE c.id = wanted FOR UPDATE;
  IF NOT FOUND OR app.ceremony_part(wanted, proof) IS NULL THEN RAISE EXCEPTION 'wrong_state'; END IF;
  UPDATE accounts_ceremony c SET state = 'opened', second_id = app.keeper_of(proof), opened_at = clock_timestamp(),
         result = sealed_result WHERE c.id = wanted;
  DELETE FROM accounts_ceremonypart p WHERE p.ceremony_id = wanted;
  PERFORM app.audit_note('ceremony_opened', hit.user_id::text, wanted || ':' || app.keeper_of(proof));
  PERFORM app.ceremony_told(wanted);
END $$;

-- app.ceremony_end | caller: functions | right: none of its own | test: tests/security/test_ceremonies.py
-- Over: nothing that could open anything is left of it.
CREATE FUNCTION app.ceremony_end(wanted uuid, new_state text) RETURNS void LANGUAGE sql AS $$
  DELETE FROM accounts_ceremonypart p WHERE p.ceremony_id = wanted;
  UPDATE accounts_ceremony c SET state = new_state, ended_at = clock_timestamp(), result = NULL, sealed_request = NULL, salt = NULL
   WHERE c.id = wanted;
$$;

-- app.ceremonies_running | caller: web | right: hers, those she takes over, administrators all, keepers with a code all | test: tests/security/test_ceremonies.py
CREATE FUNCTION app.ceremonies_running(proof bytea)
RETURNS TABLE (id uuid, kind text, state text, name text, successor text, first_name text, begun_at timestamptz, ready_at timestamptz,
               expires_at timestamptz, about_me boolean, about uuid) LANGUAGE sql STABLE AS $$
  SELECT c.id, c.kind, c.state, u.display_name, coalesce(s.display_name, ''), coalesce(f.name, ''), c.begun_at, c.ready_at, c.expires_at,
         c.user_id IS NOT DISTINCT FROM app.uid(), CASE WHEN app.has_role('administrator') THEN u.id END
    FROM accounts_ceremony c JOIN accounts_user u ON u.id = c.user_id LEFT JOIN accounts_user s ON s.id = c.successor_id
    LEFT JOIN accounts_keykeeper f ON f.id = c.first_id
   WHERE app.ceremony_alive(c) AND (c.state <> 'begun' OR c.kind = 'handover')
     AND (app.uid() IN (c.user_id, c.successor_id) OR app.has_role('administrator') OR app.keeper_of(proof) IS NOT NULL)
   ORDER BY c.begun_at LIMIT 50
$$;

-- app.ceremonies_stopped | caller: web | right: hers, those she would have taken over, administrators all | test: tests/security/test_stopped_ceremonies.py
-- Those that a keeper stopped within thirty days, until one about the same person is begun anew. `again` names whom an
-- administrator can name a successor for once more.
CREATE FUNCTION app.ceremonies_stopped()
RETURNS TABLE (kind text, name text, successor text, keeper text, stopped_at timestamptz, again uuid, about_me boolean, active boolean) LANGUAGE sql STABLE AS $$
  SELECT c.kind, u.display_name, coalesce(s.display_name, ''), k.name, c.ended_at,
         CASE WHEN app.has_role('administrator') AND c.kind = 'handover' AND NOT u.is_active THEN u.id END,
         c.user_id IS NOT DISTINCT FROM app.uid(), u.is_active
    FROM accounts_ceremony c JOIN accounts_keykeeper k ON k.id = c.stopped_by_id JOIN accounts_user u ON u.id = c.user_id
    LEFT JOIN accounts_user s ON s.id = c.successor_id
   WHERE c.ended_at > clock_timestamp() - interval '30 days'
     AND (app.uid() IN (c.user_id, c.successor_id) OR app.has_role('administrator'))
     AND NOT EXISTS (SELECT 1 FROM accounts_ceremony o WHERE o.user_id = c.user_id AND o.kind = c.kind AND o.begun_at > c.ended_at
                        AND (o.kind = 'handover' OR o.peeled_at IS NOT NULL))  -- anybody can begin a recovery
   ORDER BY c.ended_at DESC LIMIT 50
$$;

-- app.ceremony_stop | caller: web | right: she herself, the successor, an administrator, a keeper with a code; not once it was opened | test: tests/security/test_ceremonies.py
CREATE FUNCTION app.ceremony_stop(wanted uuid, proof bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit accounts_ceremony;
BEGIN
  SELECT c.* INTO hit FROM accounts_ceremony c WHERE c.id = wanted FOR UPDATE;
  IF NOT FOUND OR NOT (coalesce(app.uid() IN (hit.user_id, hit.successor_id), false) OR app.has_role('administrator')
                       OR app.keeper_of(proof) IS NOT NULL) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF hit.state = 'cancelled' THEN RETURN; END IF;
  IF hit.state IN ('opened', 'done') THEN RAISE EXCEPTION 'opened_already'; END IF;
  PERFORM app.ceremony_end(wanted, 'cancelled');
  UPDATE accounts_ceremony c SET stopped_by_id = app.keeper_of(proof) WHERE c.id = wanted;
  PERFORM app.audit_note('ceremony_stopped', hit.user_id::text, wanted || ':' || coalesce(app.keeper_of(proof)::text, ''));
END $$;

-- app.ceremony_result | caller: web, on the recovery page | right: opens only with the request's password | test: tests/accounts/test_ceremony_pages.py
CREATE FUNCTION app.ceremony_result(login text)
RETURNS TABLE (id uuid, user_id uuid, device_id uuid, public_key bytea, first_id uuid, second_id uuid, result bytea, sealed_request bytea,
               salt bytea, passes smallint, memory_kib integer, lanes smallint, pepper_version smallint) LANGUAGE sql STABLE AS $$
  SELECT c.id, c.user_id, d.id, k.public_key, c.first_id, c.second_id, c.result, c.sealed_request, c.salt, c.passes, c.memory_kib,
         c.lanes, c.pepper_version
    FROM accounts_ceremony c JOIN accounts_user u ON u.id = c.user_id JOIN accounts_publickey k ON k.id = c.public_key_id AND k.retired_at IS NULL
    LEFT JOIN accounts_totpdevice d ON d.user_id = u.id
   WHERE u.login_name = login AND c.kind = 'recover' AND c.state = 'opened' AND app.ceremony_alive(c)
   ORDER BY c.opened_at DESC LIMIT 1
$$;

-- app.ceremony_finish | caller: web, on the recovery page | right: who opened the request's private half, once | test: tests/accounts/test_ceremony_pages.py
-- Everything that proves who she is becomes new; other requests about her key end.
CREATE FUNCTION app.ceremony_finish(wanted uuid, shown bytea, proof jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit accounts_ceremony;
BEGIN
  SELECT c.* INTO hit FROM accounts_ceremony c WHERE c.id = wanted AND c.kind = 'recover' AND c.state = 'opened' FOR UPDATE;
  IF NOT FOUND OR NOT app.ceremony_alive(hit) OR hit.check_hash IS DISTINCT FROM sha256(shown) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM app.proof_write(hit.user_id, hit.public_key_id, proof);
  PERFORM app.audit_note('ceremony_done', hit.user_id::text, wanted::text);
  PERFORM app.ceremony_end(c.id, CASE WHEN c.id = wanted THEN 'done' ELSE 'cancelled' END) FROM accounts_ceremony c
    WHERE c.user_id = hit.user_id AND c.state IN ('begun', 'peeled', 'opened');
  PERFORM app.sessions_end(hit.user_id);
END $$;

-- app.handover_name | caller: web (administrator) | right: never herself; a vouched caseworker who administers nobody | test: tests/security/test_key_handover.py
-- Names who takes over the key of somebody who has left; protected cases only those named by their codes.
CREATE FUNCTION app.handover_name(new_id uuid, departed uuid, taker uuid, codes text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE key uuid;
BEGIN
  IF NOT app.has_role('administrator') OR taker = app.uid() THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.vouched(taker) OR NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = taker AND u.is_active
       AND 'caseworker' = ANY (u.roles) AND NOT 'administrator' = ANY (u.roles)) THEN RAISE EXCEPTION 'role_does_not_fit'; END IF;
  SELECT k.id INTO key FROM accounts_publickey k JOIN accounts_user u ON u.id = k.user_id AND NOT u.is_active
   WHERE k.user_id = departed AND k.retired_at IS NULL FOR UPDATE OF u;
  IF NOT FOUND OR EXISTS (SELECT 1 FROM accounts_ceremony c WHERE c.user_id = departed AND c.kind = 'handover' AND app.ceremony_alive(c)) THEN
    RAISE EXCEPTION 'wrong_state';
  END IF;
  INSERT INTO accounts_ceremony (id, kind, state, user_id, public_key_id, begun_at, begun_by_id, expires_at, successor_id)
  VALUES (new_id, 'handover', 'named', departed, key, clock_timestamp(), app.uid(), clock_timestamp() + interval '7 days', taker);
  INSERT INTO accounts_ceremonycase (id, ceremony_id, code) SELECT gen_random_uuid(), new_id, code FROM (SELECT DISTINCT unnest(codes)) n (code);
  PERFORM app.audit_note('ceremony_named', departed::text, new_id || ':' || taker);
  PERFORM app.mail_wanted(taker, false);
END $$;

-- app.handover_waits | caller: web (administrator) | right: yes or no, nothing of a case | test: tests/security/test_key_handover.py
-- Whether something was set aside of somebody who has left: only then there is anything to hand over.
CREATE FUNCTION app.handover_waits(departed uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT app.has_role('administrator') AND EXISTS (SELECT 1 FROM vault_wrap w WHERE w.user_id = departed AND w.state = 'parked')
$$;

-- app.handover_begin | caller: web (the successor named) | right: her own, once; seven days run anew | test: tests/security/test_key_handover.py
CREATE FUNCTION app.handover_begin(wanted uuid, public_half bytea, print bytea, sealed_private bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit accounts_ceremony;
BEGIN
  SELECT c.* INTO hit FROM accounts_ceremony c WHERE c.id = wanted AND c.successor_id = app.uid() AND c.state = 'named' FOR UPDATE;
  IF NOT FOUND OR NOT app.ceremony_alive(hit) THEN RAISE EXCEPTION 'wrong_state'; END IF;
  UPDATE accounts_ceremony c SET state = 'begun', begun_at = clock_timestamp(), expires_at = clock_timestamp() + interval '7 days',
         request_key = public_half, fingerprint = print, sealed_request = sealed_private WHERE c.id = wanted;
  PERFORM app.audit_note('ceremony_begun', hit.user_id::text, wanted::text);
END $$;

-- app.handover_mine | caller: web (the successor named) | right: her own that are not over | test: tests/security/test_key_handover.py
CREATE FUNCTION app.handover_mine()
RETURNS TABLE (id uuid, state text, name text, user_id uuid, public_key bytea, fingerprint bytea, sealed_request bytea, first_id uuid,
               second_id uuid, result bytea, ready_at timestamptz, expires_at timestamptz, too_early boolean) LANGUAGE sql STABLE AS $$
  SELECT c.id, c.state, u.display_name, c.user_id, k.public_key, c.fingerprint, c.sealed_request, c.first_id, c.second_id, c.result,
         c.ready_at, c.expires_at, coalesce(c.ready_at > clock_timestamp(), false)
    FROM accounts_ceremony c JOIN accounts_user u ON u.id = c.user_id JOIN accounts_publickey k ON k.id = c.public_key_id
   WHERE c.successor_id = app.uid() AND app.ceremony_alive(c) ORDER BY c.begun_at
$$;

-- app.handover_finish | caller: web (the successor named) | right: her own, opened; all that it covers was taken over | test: tests/security/test_key_handover.py
-- Nothing is left of the request; where nothing of the departed person's is parked any more, her copies go as well.
CREATE FUNCTION app.handover_finish(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit accounts_ceremony;
BEGIN
  SELECT c.* INTO hit FROM accounts_ceremony c WHERE c.id = wanted AND c.successor_id = app.uid() AND c.state = 'opened' FOR UPDATE;
  IF NOT FOUND OR EXISTS (SELECT 1 FROM app.parked_wraps(wanted)) THEN RAISE EXCEPTION 'wrong_state'; END IF;
  PERFORM app.ceremony_end(wanted, 'done');
  DELETE FROM accounts_keepercopy k WHERE k.public_key_id = hit.public_key_id
     AND NOT EXISTS (SELECT 1 FROM vault_wrap w WHERE w.user_id = hit.user_id AND w.state = 'parked');
  PERFORM app.audit_note('ceremony_done', hit.user_id::text, wanted::text);
END $$;

-- app.key_hints | caller: web, on the desk | right: own numbers; announced acts for everybody who works here | test: tests/accounts/test_ceremony_pages.py
-- Ceremonies about her key (of anybody's, for administrators), hand-overs named to her, acts that somebody does alone,
-- acts done alone that she could review.
CREATE FUNCTION app.key_hints() RETURNS TABLE (ceremonies integer, handovers integer, announced integer, to_review integer)
LANGUAGE sql STABLE AS $$
  SELECT (SELECT count(*)::integer FROM app.ceremonies_running(''::bytea) r WHERE r.about_me OR app.has_role('administrator')),
         (SELECT count(*)::integer FROM app.handover_mine()),
         (SELECT count(*)::integer FROM accounts_delayedact a
           WHERE a.cancelled_at IS NULL AND a.done_at IS NULL AND a.due_at > clock_timestamp() - interval '7 days'
             AND app.has_role('caseworker', 'lawyer', 'coordinator', 'administrator')),
         (SELECT count(*)::integer FROM accounts_delayedact a
           WHERE app.delayed_reviewable(a))
$$;
