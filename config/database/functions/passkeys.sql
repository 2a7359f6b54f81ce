-- Devices of a second factor: passkeys beside the app for codes. Nobody reads another person's; the last one stays.

-- app.devices_own | caller: web | right: own devices | test: tests/accounts/test_devices.py
-- No secret and no public key is returned; a code's step tells when it was last used.
CREATE FUNCTION app.devices_own()
RETURNS TABLE (id uuid, is_passkey boolean, name text, credential_id bytea, created_at timestamptz, used_at timestamptz,
               refused_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT d.id, false, '', NULL::bytea, d.created_at,
         CASE WHEN d.last_step > 0 THEN to_timestamp(d.last_step * 30) END, NULL::timestamptz
    FROM accounts_totpdevice d WHERE d.user_id = app.uid() AND d.confirmed
  UNION ALL
  (SELECT p.id, true, p.name, p.credential_id, p.created_at, p.used_at, p.refused_at
     FROM accounts_passkey p WHERE p.user_id = app.uid() ORDER BY p.created_at, p.id)
$$;

-- app.passkey_find | caller: web, on the sign-in page | right: public half of a person's credential whose id one has | test: tests/accounts/test_passkeys.py
CREATE FUNCTION app.passkey_find(person uuid, wanted bytea) RETURNS TABLE (id uuid, public_key bytea) LANGUAGE sql STABLE AS $$
  SELECT p.id, p.public_key FROM accounts_passkey p JOIN accounts_user u ON u.id = p.user_id AND u.is_active
   WHERE p.user_id = person AND p.credential_id = wanted
$$;

-- app.challenge_spend | caller: functions | right: none of its own | test: tests/accounts/test_passkeys.py
-- True for the first answer to a challenge; of many at once the others wait for it and get false.
CREATE FUNCTION app.challenge_spend(spent bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_spentchallenge (challenge_hash, spent_at) VALUES (spent, clock_timestamp()) ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;

-- app.passkey_accept | caller: web | right: a challenge counts once, a counter never goes back, whoever asks | test: tests/accounts/test_passkeys.py
-- Called when the answer's signature holds. A device that counts must have counted on; one that never counts says 0.
CREATE FUNCTION app.passkey_accept(wanted uuid, spent bytea, counter bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE stored bigint;
BEGIN
  SELECT p.sign_count INTO stored FROM accounts_passkey p WHERE p.id = wanted FOR UPDATE;
  IF NOT FOUND OR NOT app.challenge_spend(spent) THEN RETURN false; END IF;
  IF (counter > 0 OR stored > 0) AND counter <= stored THEN
    UPDATE accounts_passkey p SET refused_at = clock_timestamp() WHERE p.id = wanted;
    PERFORM app.audit_note('passkey_refused', wanted::text, 'counter');
    RETURN false;
  END IF;
  UPDATE accounts_passkey p SET sign_count = counter, used_at = clock_timestamp() WHERE p.id = wanted;
  PERFORM app.audit_note('passkey_used', wanted::text, '');
  RETURN true;
END $$;

-- app.passkey_add | caller: web | right: for herself, stepped up; ten at most; a credential belongs to one person | test: tests/accounts/test_devices.py
CREATE FUNCTION app.passkey_add(new_id uuid, label text, credential bytea, public_half bytea, counter bigint, spent bytea)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM accounts_user u WHERE u.id = app.uid() FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF NOT app.challenge_spend(spent) THEN RAISE EXCEPTION 'wrong_state'; END IF;
  IF (SELECT count(*) FROM accounts_passkey p WHERE p.user_id = app.uid()) >= 10 THEN RAISE EXCEPTION 'too_many_devices'; END IF;
  INSERT INTO accounts_passkey (id, user_id, name, confirmed, credential_id, public_key, sign_count, created_at)
  VALUES (new_id, app.uid(), label, true, credential, public_half, counter, clock_timestamp()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RAISE EXCEPTION 'passkey_known'; END IF;
  PERFORM app.audit_note('passkey_added', new_id::text, '');
END $$;

-- app.totp_add | caller: web | right: for herself, stepped up, where she has none | test: tests/accounts/test_devices.py
CREATE FUNCTION app.totp_add(new_id uuid, sealed bytea, step bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF app.uid() IS NULL THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  INSERT INTO accounts_totpdevice (id, user_id, name, confirmed, sealed_secret, last_step, created_at)
  VALUES (new_id, app.uid(), 'totp', true, sealed, step, clock_timestamp()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  PERFORM app.audit_note('totp_added', new_id::text, '');
END $$;

-- app.device_rename | caller: web | right: own passkey | test: tests/accounts/test_devices.py
CREATE FUNCTION app.device_rename(wanted uuid, label text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts_passkey p SET name = label WHERE p.id = wanted AND p.user_id = app.uid();
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
END $$;

-- app.device_remove | caller: web | right: own device, stepped up, never the last one | test: tests/accounts/test_devices.py
-- Ends all her other sessions: somebody may sit in one of them who has the device.
CREATE FUNCTION app.device_remove(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  person uuid := app.uid();
  here text := app.session_hash();
  done text := 'passkey_removed';
BEGIN
  PERFORM 1 FROM accounts_user u WHERE u.id = person FOR UPDATE;
  IF NOT EXISTS (SELECT 1 FROM app.devices_own() d WHERE d.id = wanted) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF (SELECT count(*) FROM app.devices_own()) < 2 THEN RAISE EXCEPTION 'last_device'; END IF;
  DELETE FROM accounts_passkey p WHERE p.id = wanted;
  IF NOT FOUND THEN
    DELETE FROM accounts_totpdevice d WHERE d.id = wanted;
    done := 'totp_removed';
  END IF;
  DELETE FROM accounts_unlockedkey k WHERE k.user_id = person AND k.session_id <> here;
  DELETE FROM accounts_session s WHERE s.user_id = person AND s.session_hash <> here;
  PERFORM app.audit_note(done, wanted::text, '');
END $$;

-- app.passkeys_forget | caller: functions | right: none of its own | test: tests/accounts/test_devices.py
-- After a recovery, and when somebody is deactivated.
CREATE FUNCTION app.passkeys_forget(person uuid, why text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE gone uuid;
BEGIN
  FOR gone IN DELETE FROM accounts_passkey p WHERE p.user_id = person RETURNING p.id LOOP
    PERFORM app.audit_note('passkey_removed', gone::text, why);
  END LOOP;
END $$;
