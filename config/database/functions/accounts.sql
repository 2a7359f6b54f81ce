-- People, sessions, second factors, keys of persons and teams.

-- app.session_read | caller: web | right: who knows the key of a session | test: tests/accounts/test_sessions.py
-- The data of a live session; extends the idle limit by so many seconds, never past the absolute one.
CREATE FUNCTION app.session_read(wanted text, extend integer, absolute integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT s.data, s.created_at, s.expires_at INTO hit FROM accounts_session s
   WHERE s.session_hash = wanted AND s.expires_at > clock_timestamp()
     AND s.created_at > clock_timestamp() - make_interval(secs => absolute);
  IF NOT FOUND THEN RETURN NULL; END IF;
  IF extend > 0 AND hit.expires_at < clock_timestamp() + make_interval(secs => extend - 60) THEN
    UPDATE accounts_session s SET expires_at = least(clock_timestamp() + make_interval(secs => extend),
                                                     s.created_at + make_interval(secs => absolute))
     WHERE s.session_hash = wanted;
  END IF;
  RETURN hit.data;
END $$;

-- app.session_write | caller: web | right: everybody; the data is signed by the web process | test: tests/accounts/test_sessions.py
-- False where a new session's hash is taken, or where a session to be changed is gone (ended meanwhile).
CREATE FUNCTION app.session_write(wanted text, person uuid, payload text, until timestamptz, fresh boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF fresh THEN
    INSERT INTO accounts_session (session_hash, user_id, data, created_at, expires_at)
    VALUES (wanted, person, payload, clock_timestamp(), until) ON CONFLICT DO NOTHING;
  ELSE
    UPDATE accounts_session s SET data = payload, user_id = person WHERE s.session_hash = wanted;
  END IF;
  RETURN FOUND;
END $$;

-- app.session_exists | caller: web | right: who knows the key of a session | test: tests/accounts/test_sessions.py
CREATE FUNCTION app.session_exists(wanted text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_session s WHERE s.session_hash = wanted)
$$;

-- app.session_delete | caller: web | right: who knows the key of a session | test: tests/accounts/test_sessions.py
CREATE FUNCTION app.session_delete(wanted text) RETURNS void LANGUAGE sql AS $$
  DELETE FROM accounts_unlockedkey k WHERE k.session_id = wanted;
  DELETE FROM accounts_session s WHERE s.session_hash = wanted;
$$;

-- app.sessions_clear | caller: worker | right: only what has expired | test: tests/accounts/test_sessions.py
-- Deletes expired sessions, keys without a session, and counters of wrong answers and spent challenges older than a day.
CREATE FUNCTION app.sessions_clear() RETURNS void LANGUAGE sql AS $$
  DELETE FROM accounts_session s WHERE s.expires_at < clock_timestamp();
  DELETE FROM accounts_unlockedkey k
   WHERE NOT EXISTS (SELECT 1 FROM accounts_session s WHERE s.session_hash = k.session_id);
  DELETE FROM accounts_throttle t WHERE t.last_at < clock_timestamp() - interval '1 day';
  SELECT app.ceremony_end(c.id, 'cancelled') FROM accounts_ceremony c
   WHERE c.expires_at < clock_timestamp() AND c.state NOT IN ('done', 'cancelled');
  DELETE FROM accounts_spentchallenge c WHERE c.spent_at < clock_timestamp() - interval '1 day';
$$;

-- app.sessions_end | caller: functions | right: none of its own | test: tests/security/test_deactivation.py
CREATE FUNCTION app.sessions_end(person uuid) RETURNS void LANGUAGE sql AS $$
  DELETE FROM accounts_unlockedkey k WHERE k.user_id = person;
  DELETE FROM accounts_session s WHERE s.user_id = person;
$$;

-- app.person_read | caller: web, before there is an actor | right: no secret is returned | test: tests/accounts/test_sessions.py
CREATE FUNCTION app.person_read(person uuid)
RETURNS TABLE (id uuid, login_name text, display_name text, roles text[], is_active boolean, language text, theme text,
               session_epoch uuid, invited_at timestamptz, enrolled_at timestamptz, device_id uuid, passkey_ids uuid[])
LANGUAGE sql STABLE AS $$
  SELECT u.id, u.login_name, u.display_name, u.roles::text[], u.is_active, u.language, u.theme, u.session_epoch,
         u.invited_at, u.enrolled_at, d.id, ARRAY(SELECT p.id FROM accounts_passkey p WHERE p.user_id = u.id ORDER BY p.created_at)
    FROM accounts_user u LEFT JOIN accounts_totpdevice d ON d.user_id = u.id AND d.confirmed
   WHERE u.id = person
$$;

-- app.signin_read | caller: web, on the sign-in page | right: what a name's owner must prove | test: tests/accounts/test_sign_in.py
CREATE FUNCTION app.signin_read(typed text)
RETURNS TABLE (user_id uuid, password_hash text, pepper_version smallint, device_id uuid, sealed_secret bytea,
               last_step bigint, public_key_id uuid, public_key bytea, sealed_by_password bytea, salt bytea, passes smallint,
               memory_kib integer, lanes smallint, key_pepper_version smallint)
LANGUAGE sql STABLE AS $$
  SELECT u.id, c.password_hash, c.pepper_version, d.id, d.sealed_secret, d.last_step, k.id, k.public_key,
         b.sealed_by_password, b.salt, b.passes, b.memory_kib, b.lanes, b.pepper_version
    FROM accounts_user u
    JOIN accounts_credential c ON c.user_id = u.id
    LEFT JOIN accounts_totpdevice d ON d.user_id = u.id AND d.confirmed
    JOIN accounts_publickey k ON k.user_id = u.id AND k.retired_at IS NULL
    JOIN accounts_keybox b ON b.public_key_id = k.id
   WHERE u.login_name = typed AND u.is_active
$$;

-- app.code_accept | caller: web | right: the step counts once, whoever asks | test: tests/accounts/test_sign_in.py
-- True for the first request that brings this step or a later one (RFC 6238, section 5.2: accept once only).
CREATE FUNCTION app.code_accept(device uuid, step bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts_totpdevice d SET last_step = step
   WHERE d.id = device AND d.last_step < step AND step <= extract(epoch FROM clock_timestamp()) / 30 + 2;
  RETURN FOUND;
END $$;

-- app.throttle_take | caller: web | right: a keyed hash of account and address | test: tests/accounts/test_throttle.py
-- Counts a try before it is looked at, and returns seconds to wait: none for five tries, then 2, 4, 8 … up to 15
-- minutes after the last one; forgotten after a day. Of many at once each is counted before the next is let in.
CREATE FUNCTION app.throttle_take(wanted bytea) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  wait integer;
BEGIN
  INSERT INTO accounts_throttle (bucket, failures, last_at) VALUES (wanted, 0, clock_timestamp()) ON CONFLICT DO NOTHING;
  SELECT t.failures, t.last_at INTO hit FROM accounts_throttle t WHERE t.bucket = wanted FOR UPDATE;
  IF hit.last_at < clock_timestamp() - interval '1 day' THEN hit.failures := 0; END IF;
  IF hit.failures >= 5 THEN
    wait := ceil(extract(epoch FROM hit.last_at + make_interval(
      secs => least(900, power(2, least(hit.failures, 20) - 4)::integer)) - clock_timestamp()));
    IF wait > 0 THEN RETURN wait; END IF;
  END IF;
  UPDATE accounts_throttle t SET failures = hit.failures + 1, last_at = clock_timestamp() WHERE t.bucket = wanted;
  RETURN 0;
END $$;

-- app.throttle_clear | caller: web | right: everybody | test: tests/accounts/test_throttle.py
CREATE FUNCTION app.throttle_clear(wanted bytea) RETURNS void LANGUAGE sql AS $$
  DELETE FROM accounts_throttle t WHERE t.bucket = wanted
$$;

-- app.unlocked_key_store | caller: web, once at sign-in | right: own session | test: tests/accounts/test_sessions.py
CREATE FUNCTION app.unlocked_key_store(envelope bytea) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF app.uid() IS NULL THEN RAISE EXCEPTION 'not_allowed'; END IF;
  INSERT INTO accounts_unlockedkey (session_id, user_id, sealed, created_at)
  VALUES (app.session_hash(), app.uid(), envelope, clock_timestamp())
  ON CONFLICT (session_id) DO UPDATE SET sealed = excluded.sealed;
END $$;

-- app.unlocked_key_read | caller: web | right: own session | test: tests/accounts/test_sessions.py
CREATE FUNCTION app.unlocked_key_read() RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT k.sealed FROM accounts_unlockedkey k WHERE k.session_id = app.session_hash() AND k.user_id = app.uid()
$$;
