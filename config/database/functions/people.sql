-- Inviting, enrolling, vouching, teams, deactivating.

-- app.person_invite | caller: web (administrator), owner (bootstrap) | right: administrator; owner for the first one, and for one announced a day before | test: tests/accounts/test_people.py
CREATE FUNCTION app.person_invite(person uuid, login text, shown text, given_roles text[], tongue text, address text,
                                  token bytea, until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (app.has_role('administrator')
          OR (app.is_owner() AND NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.enrolled_at IS NOT NULL))
          OR (app.restoring() AND given_roles = '{administrator}')) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  IF EXISTS (SELECT 1 FROM accounts_user u WHERE u.login_name = login) THEN RAISE EXCEPTION 'login_name_taken'; END IF;
  INSERT INTO accounts_user (id, login_name, display_name, roles, is_active, language, theme, session_epoch,
                             invited_at, invited_by_id)
  VALUES (person, login, shown, given_roles, true, tongue, 'auto', gen_random_uuid(), clock_timestamp(), app.uid());
  INSERT INTO accounts_mailaddress (user_id, address, second) VALUES (person, address, '');
  INSERT INTO accounts_invitation (token_hash, user_id, expires_at) VALUES (token, person, until);
END $$;

-- app.is_owner | caller: functions | right: none | test: tests/accounts/test_people.py
-- Whether the connection is that of the owner role, used by commands on the server's console only.
CREATE FUNCTION app.is_owner() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT session_user = @owner_text@ $$;

-- app.invitation_renew | caller: web (administrator), owner | right: administrator; only who has not enrolled | test: tests/accounts/test_people.py
CREATE FUNCTION app.invitation_renew(person uuid, token bytea, until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (app.has_role('administrator')
          OR (app.is_owner() AND NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.enrolled_at IS NOT NULL))) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  PERFORM 1 FROM accounts_user u WHERE u.id = person AND u.enrolled_at IS NULL AND u.is_active FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  DELETE FROM accounts_invitation i WHERE i.user_id = person;
  INSERT INTO accounts_invitation (token_hash, user_id, expires_at) VALUES (token, person, until);
END $$;

-- app.invitation_read | caller: web, before there is an actor | right: who holds the link | test: tests/accounts/test_people.py
CREATE FUNCTION app.invitation_read(token bytea)
RETURNS TABLE (user_id uuid, login_name text, display_name text, language text) LANGUAGE sql STABLE AS $$
  SELECT u.id, u.login_name, u.display_name, u.language FROM accounts_invitation i JOIN accounts_user u ON u.id = i.user_id
   WHERE i.token_hash = token AND i.used_at IS NULL AND i.expires_at > clock_timestamp() AND u.is_active
     AND u.enrolled_at IS NULL
$$;

-- app.invitation_use | caller: web, before there is an actor | right: who holds the link, once | test: tests/accounts/test_people.py
-- `proof` holds password hash, second factor and the new pair; the fingerprint goes into the chain here.
CREATE FUNCTION app.invitation_use(token bytea, proof jsonb) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE person uuid;
BEGIN
  UPDATE accounts_invitation i SET used_at = clock_timestamp()
   WHERE i.token_hash = token AND i.used_at IS NULL AND i.expires_at > clock_timestamp() RETURNING i.user_id INTO person;
  IF NOT FOUND THEN RAISE EXCEPTION 'invitation_used'; END IF;
  UPDATE accounts_user u SET enrolled_at = clock_timestamp()
   WHERE u.id = person AND u.is_active AND u.enrolled_at IS NULL;
  IF NOT FOUND THEN RAISE EXCEPTION 'invitation_used'; END IF;
  INSERT INTO accounts_credential (user_id, password_hash, pepper_version, changed_at)
  VALUES (person, proof ->> 'password_hash', (proof ->> 'pepper_version')::smallint, clock_timestamp());
  INSERT INTO accounts_totpdevice (id, user_id, name, confirmed, sealed_secret, last_step, created_at)
  VALUES ((proof ->> 'device_id')::uuid, person, 'totp', true, decode(proof ->> 'sealed_secret', 'hex'),
          (proof ->> 'last_step')::bigint, clock_timestamp());
  INSERT INTO accounts_publickey (id, user_id, public_key, fingerprint, created_at)
  VALUES ((proof ->> 'public_key_id')::uuid, person, decode(proof ->> 'public_key', 'hex'),
          decode(proof ->> 'fingerprint', 'hex'), clock_timestamp());
  INSERT INTO accounts_keybox (public_key_id, sealed_by_password, salt, passes, memory_kib, lanes, pepper_version,
                               sealed_by_recovery, recovery_check, recovery_made_at)
  VALUES ((proof ->> 'public_key_id')::uuid, decode(proof ->> 'sealed_by_password', 'hex'),
          decode(proof ->> 'salt', 'hex'), (proof ->> 'passes')::smallint, (proof ->> 'memory_kib')::integer,
          (proof ->> 'lanes')::smallint, (proof ->> 'key_pepper_version')::smallint,
          decode(proof ->> 'sealed_by_recovery', 'hex'), decode(proof ->> 'recovery_check', 'hex'), clock_timestamp());
  PERFORM app.audit_note('person_enrolled', person::text, '');
  PERFORM app.audit_note('key_published', person::text, proof ->> 'fingerprint');
  RETURN person;
END $$;

-- app.proof_change | caller: web | right: the person herself, or who holds her recovery code | test: tests/accounts/test_recovery.py
-- New password, recovery code and, after a recovery, a second factor in place of all she had. The pair stays. Ends all sessions.
CREATE FUNCTION app.proof_change(person uuid, recovery_proof bytea, proof jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE key_id uuid;
BEGIN
  SELECT k.id INTO key_id FROM accounts_publickey k JOIN accounts_keybox b ON b.public_key_id = k.id
    JOIN accounts_user u ON u.id = k.user_id
   WHERE k.user_id = person AND k.retired_at IS NULL AND u.is_active
     AND (person = app.uid() OR b.recovery_check = sha256(recovery_proof)) FOR UPDATE OF b;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM app.proof_write(person, key_id, proof);
  -- Noted here, because after sessions_end nobody acts any more.
  PERFORM app.audit_note(CASE WHEN person = app.uid() THEN 'password_changed' ELSE 'recovery_code_used' END, person::text, '');
  PERFORM app.audit_note('recovery_code_made', person::text, '');
  PERFORM app.sessions_end(person);
END $$;

-- app.proof_write | caller: functions | right: none of its own | test: tests/accounts/test_recovery.py
-- Password, sealed private key, recovery code; where the proof has a second factor it takes the place of all she had.
CREATE FUNCTION app.proof_write(person uuid, key_id uuid, proof jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts_keybox b SET sealed_by_password = decode(proof ->> 'sealed_by_password', 'hex'),
    salt = decode(proof ->> 'salt', 'hex'), passes = (proof ->> 'passes')::smallint,
    memory_kib = (proof ->> 'memory_kib')::integer, lanes = (proof ->> 'lanes')::smallint,
    pepper_version = (proof ->> 'key_pepper_version')::smallint,
    sealed_by_recovery = decode(proof ->> 'sealed_by_recovery', 'hex'),
    recovery_check = decode(proof ->> 'recovery_check', 'hex'), recovery_made_at = clock_timestamp()
   WHERE b.public_key_id = key_id;
  UPDATE accounts_credential c SET password_hash = proof ->> 'password_hash',
    pepper_version = (proof ->> 'pepper_version')::smallint, changed_at = clock_timestamp() WHERE c.user_id = person;
  IF proof ? 'sealed_secret' THEN
    PERFORM app.passkeys_forget(person, 'recovery');
    DELETE FROM accounts_totpdevice d WHERE d.user_id = person;
    INSERT INTO accounts_totpdevice (id, user_id, name, confirmed, sealed_secret, last_step, created_at)
    VALUES ((proof ->> 'device_id')::uuid, person, 'totp', true, decode(proof ->> 'sealed_secret', 'hex'),
            (proof ->> 'last_step')::bigint, clock_timestamp());
  END IF;
  UPDATE accounts_user u SET session_epoch = gen_random_uuid() WHERE u.id = person;
END $$;

-- app.recovery_read | caller: web, on the recovery page | right: opens only with the printed code | test: tests/accounts/test_recovery.py
CREATE FUNCTION app.recovery_read(typed text) RETURNS TABLE (user_id uuid, sealed_by_recovery bytea) LANGUAGE sql STABLE AS $$
  SELECT u.id, b.sealed_by_recovery FROM accounts_user u
    JOIN accounts_publickey k ON k.user_id = u.id AND k.retired_at IS NULL
    JOIN accounts_keybox b ON b.public_key_id = k.id
   WHERE u.login_name = typed AND u.is_active AND b.sealed_by_recovery IS NOT NULL
$$;

-- app.key_vouch | caller: web (caseworker with a key) | right: not for herself, not for whom she invited | test: tests/security/test_vouching.py
CREATE FUNCTION app.key_vouch(wanted uuid, print bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE target record;
BEGIN
  SELECT k.user_id, k.fingerprint, u.invited_by_id INTO target FROM accounts_publickey k
    JOIN accounts_user u ON u.id = k.user_id WHERE k.id = wanted AND k.retired_at IS NULL AND u.is_active;
  IF NOT FOUND OR target.fingerprint <> print THEN RAISE EXCEPTION 'fingerprint_differs'; END IF;
  IF target.user_id = app.uid() OR target.invited_by_id = app.uid() OR NOT app.has_role('caseworker')
     OR app.has_role('administrator')
     OR NOT (app.vouched(app.uid()) OR cardinality(app.my_teams()) > 0) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  INSERT INTO accounts_vouch (public_key_id, fingerprint, vouched_by_id, vouched_at)
  VALUES (wanted, print, app.uid(), clock_timestamp())
  ON CONFLICT DO NOTHING;
  PERFORM app.audit_note('key_vouched', target.user_id::text, encode(print, 'hex'));
END $$;

-- app.team_create | caller: web (caseworker, not administrator) | right: once for each kind, anew when nobody active holds the old key; restricted only by intake | test: tests/security/test_teams.py
CREATE FUNCTION app.team_create(new_team uuid, new_kind text, public_half bytea, sealed_private bytea)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT app.has_role('caseworker') OR app.has_role('administrator')
     OR NOT EXISTS (SELECT 1 FROM accounts_publickey k WHERE k.user_id = app.uid() AND k.retired_at IS NULL)
     OR (new_kind = 'restricted' AND cardinality(app.my_teams()) = 0) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  UPDATE accounts_team t SET retired_at = clock_timestamp()
   WHERE t.kind = new_kind AND t.retired_at IS NULL AND NOT app.team_alive(t.id);
  INSERT INTO accounts_team (id, kind, version, public_key, created_at, created_by_id)
  SELECT new_team, new_kind, coalesce(max(t.version), 0) + 1, public_half, clock_timestamp(), app.uid()
    FROM accounts_team t WHERE t.kind = new_kind
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RAISE EXCEPTION 'team_exists'; END IF;
  INSERT INTO accounts_teammember (id, team_id, user_id, added_at, added_by_id, sealed_team_key)
  VALUES (gen_random_uuid(), new_team, app.uid(), clock_timestamp(), app.uid(), sealed_private);
  PERFORM app.audit_note('team_created', new_team::text, new_kind || ':' || encode(sha256(public_half), 'hex'));
END $$;

-- app.team_alive | caller: policies, functions, web | right: everybody signed in | test: tests/security/test_teams.py
-- Whether somebody active holds a team's key: nothing is sealed to a team that nobody could open.
CREATE FUNCTION app.team_alive(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_teammember m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
                  WHERE m.team_id = wanted)
$$;

-- app.team_add | caller: web (a member) | right: only vouched caseworkers who are no administrators; three at most in restricted intake | test: tests/security/test_teams.py
CREATE FUNCTION app.team_add(wanted uuid, person uuid, sealed_private bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE found_kind text;
BEGIN
  SELECT t.kind INTO found_kind FROM accounts_team t
   WHERE t.id = wanted AND t.retired_at IS NULL AND t.id = ANY (app.my_teams()) FOR UPDATE;
  IF NOT FOUND OR person = app.uid() THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person AND u.is_active AND 'caseworker' = ANY (u.roles)
                  AND NOT 'administrator' = ANY (u.roles)) THEN RAISE EXCEPTION 'role_does_not_fit'; END IF;
  IF NOT app.vouched(person) THEN RAISE EXCEPTION 'not_vouched'; END IF;
  IF found_kind = 'restricted' AND (SELECT count(*) FROM accounts_teammember m WHERE m.team_id = wanted) >= 3 THEN
    RAISE EXCEPTION 'team_full';
  END IF;
  INSERT INTO accounts_teammember (id, team_id, user_id, added_at, added_by_id, sealed_team_key)
  VALUES (gen_random_uuid(), wanted, person, clock_timestamp(), app.uid(), sealed_private) ON CONFLICT DO NOTHING;
  PERFORM app.audit_note('team_member_added', person::text, found_kind);
END $$;

-- app.team_people | caller: web (caseworker, coordinator, administrator) | right: names of the members of the current teams | test: tests/security/test_teams.py
CREATE FUNCTION app.team_people() RETURNS TABLE (kind text, user_id uuid, added_at timestamptz) LANGUAGE sql STABLE AS $$
  SELECT t.kind, m.user_id, m.added_at FROM accounts_team t JOIN accounts_teammember m ON m.team_id = t.id
   WHERE t.retired_at IS NULL AND app.has_role('caseworker', 'coordinator', 'administrator') ORDER BY t.kind, m.added_at
$$;

-- app.intake_ready | caller: policies, web | right: everybody signed in | test: tests/security/test_teams.py
-- Two members of intake, both vouched for: until then no request becomes a case. One, where the fallback allows it.
CREATE FUNCTION app.intake_ready() RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT count(*) >= 2 OR app.intake_alone() FROM accounts_teammember m JOIN accounts_team t ON t.id = m.team_id
    JOIN accounts_user u ON u.id = m.user_id AND u.is_active
   WHERE t.kind = 'intake' AND t.retired_at IS NULL AND app.vouched(m.user_id)
$$;

-- app.first_invited | caller: owner (bootstrap) | right: owner; only while nobody has enrolled | test: tests/accounts/test_bootstrap.py
-- Who was invited under this name and has not enrolled yet: a lost first link can be renewed on the server's console.
CREATE FUNCTION app.first_invited(login text) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT u.id FROM accounts_user u
   WHERE u.login_name = login AND u.is_active AND app.is_owner()
     AND NOT EXISTS (SELECT 1 FROM accounts_user e WHERE e.enrolled_at IS NOT NULL)
$$;

-- app.loss_accept | caller: owner (bootstrap) | right: owner | test: tests/accounts/test_bootstrap.py
-- The organisation accepts in writing that lost keys mean lost cases, until key keepers exist. Never overwritten.
CREATE FUNCTION app.loss_accept(who text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT app.is_owner() OR length(btrim(who)) < 3 THEN RAISE EXCEPTION 'not_allowed'; END IF;
  INSERT INTO accounts_acceptance (kind, accepted_at, accepted_by) VALUES ('loss', clock_timestamp(), who)
  ON CONFLICT DO NOTHING;
  PERFORM app.audit_note('loss_accepted', '', '');
END $$;

-- app.person_deactivate | caller: web (administrator) | right: always works, except for the last administrator | test: tests/security/test_deactivation.py
-- Sessions, unlocked keys, permission rows, memberships and wraps go at once; wraps that only she holds are parked.
-- Where the one date of an erased case is left with nobody, coordinators are told; returns how many there are.
CREATE FUNCTION app.person_deactivate(person uuid) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE unheld uuid[];
BEGIN
  IF NOT app.has_role('administrator') THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM 1 FROM accounts_user u WHERE 'administrator' = ANY (u.roles) ORDER BY u.id FOR UPDATE;
  IF NOT app.has_role('administrator') THEN RAISE EXCEPTION 'not_allowed'; END IF;  -- she may be gone since she asked
  IF NOT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id <> person AND u.is_active AND u.enrolled_at IS NOT NULL
                  AND 'administrator' = ANY (u.roles)) THEN RAISE EXCEPTION 'last_administrator'; END IF;
  UPDATE accounts_user u SET is_active = false, deactivated_at = clock_timestamp(), deactivated_by_id = app.uid(),
    session_epoch = gen_random_uuid() WHERE u.id = person AND u.is_active;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  PERFORM app.sessions_end(person);
  PERFORM app.passkeys_forget(person, 'deactivated');
  PERFORM app.survivors_told(person);
  PERFORM app.access_end(a.id, 'deactivated') FROM cases_assignment a
    WHERE a.user_id = person AND a.state IN ('offered', 'live') ORDER BY a.case_id;
  UPDATE cases_identityopening o SET closed_at = clock_timestamp() WHERE o.person_id = person AND o.closed_at IS NULL;
  DELETE FROM cases_caseuserpermission p WHERE p.user_id = person;
  PERFORM app.team_leave(person, '');
  DELETE FROM accounts_invitation i WHERE i.user_id = person;
  unheld := ARRAY(SELECT DISTINCT a.case_id FROM cases_assignment a
                   WHERE a.user_id = person AND a.role IN ('lead', 'backup') AND a.live_at IS NOT NULL AND app.nobody_holds(a.case_id));
  IF unheld <> '{}' THEN
    PERFORM app.mail_wanted(u.id, false) FROM accounts_user u
      WHERE u.is_active AND u.enrolled_at IS NOT NULL AND 'coordinator' = ANY (u.roles) ORDER BY u.id;
  END IF;
  RETURN (SELECT count(*)::integer FROM unnest(unheld) one WHERE NOT app.is_walled(app.uid(), one));
END $$;
