-- Key keepers: who they are, and the copies of persons' keys that two of them open.

-- app.keeper_invite | caller: web (administrator) | right: administrator; four at most at a time; nobody who works here | test: tests/security/test_keepers.py
CREATE FUNCTION app.keeper_invite(keeper uuid, shown text, mail text, tongue text, token bytea, until timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT app.has_role('administrator') THEN RAISE EXCEPTION 'not_allowed'; END IF;
  LOCK TABLE accounts_keykeeper IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT 1 FROM accounts_mailaddress m WHERE mail <> '' AND lower(mail) IN (lower(m.address), lower(m.second)))
     OR EXISTS (SELECT 1 FROM accounts_user u WHERE lower(u.display_name) = lower(shown) AND u.is_active) THEN
    RAISE EXCEPTION 'keeper_works_here';
  END IF;
  DELETE FROM accounts_keykeeper k WHERE k.public_key IS NULL AND k.expires_at < clock_timestamp();
  IF (SELECT count(*) FROM accounts_keykeeper k WHERE k.retired_at IS NULL) >= 4 THEN RAISE EXCEPTION 'keepers_enough'; END IF;
  INSERT INTO accounts_keykeeper (id, name, address, language, invited_at, invited_by_id, token_hash, expires_at, mail_attempts)
  VALUES (keeper, shown, mail, tongue, clock_timestamp(), app.uid(), token, until, 0);
  PERFORM app.audit_note('keeper_invited', keeper::text, '');
END $$;

-- app.keeper_works | caller: functions | right: none | test: tests/security/test_keepers.py
-- Confirmed, not retired, and known by a proof. A keeper from before proofs were kept has none: nothing is sealed to her,
-- nobody acts as her, and she counts as not confirmed until she was retired, named again, and has made a code anew.
CREATE FUNCTION app.keeper_works(k accounts_keykeeper) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT k.confirmed_at IS NOT NULL AND k.proof_hash IS NOT NULL AND k.retired_at IS NULL
$$;

-- app.keeper_invited | caller: web, before there is an actor | right: who holds the link | test: tests/security/test_keepers.py
CREATE FUNCTION app.keeper_invited(token bytea) RETURNS TABLE (id uuid, name text, language text) LANGUAGE sql STABLE AS $$
  SELECT k.id, k.name, k.language FROM accounts_keykeeper k
   WHERE k.token_hash = token AND k.public_key IS NULL AND k.retired_at IS NULL AND k.expires_at > clock_timestamp()
$$;

-- app.keeper_key_make | caller: web, before there is an actor | right: who holds the link, once | test: tests/security/test_keepers.py
-- `proof_print` is the SHA-256 of 32 bytes that only her code gives: by them she is known later (app.keeper_of).
CREATE FUNCTION app.keeper_key_make(token bytea, public_half bytea, proof_print bytea) RETURNS void LANGUAGE plpgsql AS $$
DECLARE keeper uuid;
BEGIN
  IF octet_length(proof_print) IS DISTINCT FROM 32 THEN RAISE EXCEPTION 'not_allowed'; END IF;
  UPDATE accounts_keykeeper k SET public_key = public_half, proof_hash = proof_print, key_made_at = clock_timestamp(), token_hash = NULL
   WHERE k.token_hash = token AND k.public_key IS NULL AND k.retired_at IS NULL AND k.expires_at > clock_timestamp()
     AND NOT EXISTS (SELECT 1 FROM accounts_keykeeper o WHERE o.public_key = public_half OR o.proof_hash = proof_print)
  RETURNING k.id INTO keeper;
  IF NOT FOUND THEN RAISE EXCEPTION 'invitation_used'; END IF;
  PERFORM app.audit_note('keeper_key_made', keeper::text, encode(sha256(public_half), 'hex'));
END $$;

-- app.keeper_confirm | caller: web (member of an intake team) | right: a member, no administrator, not who named the keeper | test: tests/security/test_keepers.py
-- Nothing is sealed to a keeper before a member of intake has read the words of her key with her by voice; to be vouched
-- for is not enough, because in a small team one person may vouch alone. Everybody is told. The entry in the log is what
-- later tells a key that was put in the place of hers.
CREATE FUNCTION app.keeper_confirm(wanted uuid, print bytea, public_half bytea) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT app.has_role('caseworker') OR app.has_role('administrator')
     OR cardinality(app.my_teams()) = 0 THEN RAISE EXCEPTION 'not_allowed'; END IF;
  UPDATE accounts_keykeeper k SET confirmed_at = clock_timestamp(), confirmed_by_id = app.uid()
   WHERE k.id = wanted AND k.public_key = public_half AND k.proof_hash IS NOT NULL AND k.confirmed_at IS NULL AND k.retired_at IS NULL
     AND k.invited_by_id <> app.uid();
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  PERFORM app.audit_note('keeper_confirmed', wanted::text, encode(print, 'hex'));
  PERFORM app.everybody_told();
END $$;

-- app.keeper_retire | caller: web (administrator) | right: administrator; two keepers who can act stay | test: tests/security/test_keepers.py
-- Her copies go, and so does every ceremony that she had begun.
CREATE FUNCTION app.keeper_retire(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  IF NOT app.has_role('administrator') THEN RAISE EXCEPTION 'not_allowed'; END IF;
  LOCK TABLE accounts_keykeeper IN SHARE ROW EXCLUSIVE MODE;
  SELECT app.keeper_works(k) AS works INTO hit FROM accounts_keykeeper k WHERE k.id = wanted AND k.retired_at IS NULL;
  IF NOT FOUND THEN RAISE EXCEPTION 'wrong_state'; END IF;
  IF hit.works AND (SELECT count(*) FROM accounts_keykeeper k WHERE app.keeper_works(k) AND k.id <> wanted) < 2 THEN
    RAISE EXCEPTION 'keepers_too_few';
  END IF;
  UPDATE accounts_keykeeper k SET retired_at = clock_timestamp(), retired_by_id = app.uid(), token_hash = NULL, mail_id = NULL
   WHERE k.id = wanted;
  DELETE FROM accounts_keepercopy c WHERE wanted IN (c.first_id, c.second_id);
  DELETE FROM accounts_ceremonypart p WHERE p.second_id = wanted;
  PERFORM app.ceremony_end(c.id, 'cancelled') FROM accounts_ceremony c WHERE c.state = 'peeled' AND c.first_id = wanted;
  PERFORM app.audit_note('keeper_retired', wanted::text, '');
  PERFORM app.everybody_told();
  PERFORM app.keepers_told();
END $$;

-- app.keepers_list | caller: web (administrator, caseworker) | right: names and times; the address only for administrators | test: tests/security/test_keepers.py
CREATE FUNCTION app.keepers_list()
RETURNS TABLE (id uuid, name text, address text, language text, invited_by_id uuid, expires_at timestamptz, public_key bytea,
               key_made_at timestamptz, confirmed_at timestamptz, confirmed_by text, proved boolean) LANGUAGE sql STABLE AS $$
  SELECT k.id, k.name, CASE WHEN app.has_role('administrator') THEN k.address ELSE '' END, k.language, k.invited_by_id, k.expires_at,
         k.public_key, k.key_made_at, k.confirmed_at, coalesce(u.display_name, ''), k.proof_hash IS NOT NULL
    FROM accounts_keykeeper k LEFT JOIN accounts_user u ON u.id = k.confirmed_by_id
   WHERE app.has_role('administrator', 'caseworker') AND k.retired_at IS NULL ORDER BY k.invited_at, k.id
$$;

-- app.keeper_pairs | caller: functions | right: none of its own | test: tests/security/test_keepers.py
-- Every two keepers who can act, in both orders.
CREATE FUNCTION app.keeper_pairs() RETURNS TABLE (first_id uuid, second_id uuid, first_key bytea, second_key bytea) LANGUAGE sql STABLE AS $$
  SELECT a.id, b.id, a.public_key, b.public_key FROM accounts_keykeeper a JOIN accounts_keykeeper b ON b.id <> a.id
   WHERE app.keeper_works(a) AND app.keeper_works(b)
$$;

-- app.keeper_copies_missing | caller: web, at sign-in | right: own key | test: tests/security/test_keepers.py
CREATE FUNCTION app.keeper_copies_missing()
RETURNS TABLE (key_id uuid, first_id uuid, second_id uuid, first_key bytea, second_key bytea) LANGUAGE sql STABLE AS $$
  SELECT k.id, p.* FROM accounts_publickey k, app.keeper_pairs() p
   WHERE k.user_id = app.uid() AND k.retired_at IS NULL
     AND NOT EXISTS (SELECT 1 FROM accounts_keepercopy c
                      WHERE c.public_key_id = k.id AND c.first_id = p.first_id AND c.second_id = p.second_id)
$$;

-- app.keeper_copies_store | caller: web, at sign-in | right: own key, present keepers; never over another copy | test: tests/security/test_keepers.py
CREATE FUNCTION app.keeper_copies_store(batch jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO accounts_keepercopy (id, public_key_id, first_id, second_id, sealed, made_at)
  SELECT gen_random_uuid(), m.key_id, m.first_id, m.second_id, decode(e ->> 'sealed', 'hex'), clock_timestamp()
    FROM jsonb_array_elements(batch -> 'copies') e JOIN app.keeper_copies_missing() m
      ON m.key_id = (e ->> 'key')::uuid AND m.first_id = (e ->> 'first')::uuid AND m.second_id = (e ->> 'second')::uuid
  ON CONFLICT DO NOTHING;
  IF FOUND THEN PERFORM app.audit_note('keeper_copies_made', app.uid()::text, ''); END IF;
END $$;

-- app.keeper_coverage | caller: web (administrator) | right: numbers, and names of whose copies miss | test: tests/security/test_keepers.py
-- Of everybody active with a key: how many have a copy for every pair; of the others, the first by name, whether none at all.
CREATE FUNCTION app.keeper_coverage(size integer)
RETURNS TABLE (holders integer, covered integer, missing text[], uncovered integer) LANGUAGE sql STABLE AS $$
  WITH pairs AS MATERIALIZED (SELECT p.first_id, p.second_id FROM app.keeper_pairs() p), each AS (
    SELECT u.display_name, (SELECT count(*) FROM accounts_keepercopy c JOIN pairs p USING (first_id, second_id)
                             WHERE c.public_key_id = k.id) AS has
      FROM accounts_user u JOIN accounts_publickey k ON k.user_id = u.id AND k.retired_at IS NULL
     WHERE u.is_active AND app.has_role('administrator')
  ), wanted AS (SELECT count(*) AS number FROM pairs)
  SELECT count(*)::integer, (count(*) FILTER (WHERE e.has = w.number AND w.number > 0))::integer,
         (array_agg(e.display_name ORDER BY e.display_name) FILTER (WHERE e.has < w.number))[1:size]::text[],
         (count(*) FILTER (WHERE e.has = 0))::integer
    FROM each e, wanted w
$$;

-- app.keeper_copies_of | caller: web (administrator) | right: two numbers | test: tests/security/test_keepers.py
-- Of one person with a key: how many orders of two keepers there are, and for how many of them she has a copy.
CREATE FUNCTION app.keeper_copies_of(person uuid) RETURNS TABLE (wanted integer, there integer) LANGUAGE sql STABLE AS $$
  SELECT (SELECT count(*)::integer FROM app.keeper_pairs()),
         (SELECT count(*)::integer FROM accounts_keepercopy c JOIN app.keeper_pairs() p USING (first_id, second_id)
           WHERE c.public_key_id = k.id)
    FROM accounts_publickey k
   WHERE k.user_id = person AND k.retired_at IS NULL AND app.has_role('administrator')
$$;

-- app.keepers_told | caller: functions | right: none of its own | test: tests/accounts/test_keeper_mail.py
-- One constant text to each keeper with an address; one that waits already is enough.
CREATE FUNCTION app.keepers_told() RETURNS void LANGUAGE sql AS $$
  UPDATE accounts_keykeeper k SET mail_id = gen_random_uuid(), mail_attempts = 0, mail_leased_until = NULL
   WHERE k.address <> '' AND k.confirmed_at IS NOT NULL AND k.retired_at IS NULL AND (k.mail_id IS NULL OR k.mail_attempts >= 10)
$$;

-- app.keeper_mail_claim | caller: worker | right: address and language | test: tests/accounts/test_keeper_mail.py
CREATE FUNCTION app.keeper_mail_claim(size integer, lease integer) RETURNS TABLE (id uuid, address text, language text) LANGUAGE sql AS $$
  UPDATE accounts_keykeeper k SET mail_attempts = k.mail_attempts + 1, mail_leased_until = clock_timestamp() + make_interval(secs => lease)
   WHERE k.id IN (SELECT w.id FROM accounts_keykeeper w
                   WHERE w.mail_id IS NOT NULL AND w.mail_attempts < 10
                     AND (w.mail_leased_until IS NULL OR w.mail_leased_until < clock_timestamp())
                   ORDER BY w.id LIMIT size FOR UPDATE SKIP LOCKED)
  RETURNING k.mail_id, k.address::text, k.language::text
$$;

-- app.keeper_mail_done | caller: worker | right: a mail it has claimed | test: tests/accounts/test_keeper_mail.py
-- A failed try waits longer each time (1, 2, 4 … 60 minutes) and stops after ten.
CREATE FUNCTION app.keeper_mail_done(wanted uuid, sent boolean) RETURNS void LANGUAGE sql AS $$
  UPDATE accounts_keykeeper k SET mail_id = CASE WHEN NOT sent THEN k.mail_id END,
         mail_leased_until = CASE WHEN NOT sent THEN clock_timestamp() + make_interval(mins => least(60, power(2, k.mail_attempts - 1)::integer)) END
   WHERE k.mail_id = wanted
$$;
