-- Consents of a case: noted with what belongs together, withdrawn in one act that takes down what hung on it.

-- app.consent_noted | caller: trigger on cases_consent | right: none of its own | test: tests/security/test_consents.py
-- A no beside a yes that still counts would leave open what holds: the yes is withdrawn first, which takes down what hung
-- on it. A no to a referral overtakes the yes by itself; of who represents her (sealed) the program asks whether it is the
-- same one. Statistics are not asked at immediate risk.
-- A paper that she signed before she took it back or said no is no yes any more; without a day it is older than anything,
-- without a time as old as its day. What was withdrawn in error and put right is no withdrawal, and whoever puts it right
-- asks her nothing: that may be at immediate risk. Where it says to whom
-- (sealed), only the program can tell whether it was to the same, and asks.
CREATE FUNCTION app.consent_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.case_id IS NULL AND NEW.restores_id IS NULL THEN RETURN NEW; END IF;
  PERFORM 1 FROM cases_case c WHERE c.id = NEW.case_id FOR NO KEY UPDATE;
  IF NOT NEW.given AND NEW.purpose NOT IN ('referral', 'representation')
     AND EXISTS (SELECT 1 FROM cases_consent o WHERE o.case_id = NEW.case_id AND o.purpose = NEW.purpose AND o.given
                    AND o.withdrawn_at IS NULL AND (o.expires_at IS NULL OR o.expires_at > clock_timestamp())) THEN
    RAISE EXCEPTION 'withdraw_first';
  END IF;
  IF NEW.restores_id IS NOT NULL THEN
    IF NOT app.consent_restorable(NEW) THEN RAISE EXCEPTION 'not_in_error'; END IF;
    RETURN NEW;
  END IF;
  IF NEW.purpose = 'statistics' AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = NEW.case_id AND c.risk = 'immediate') THEN
    RAISE EXCEPTION 'not_now';
  END IF;
  IF NEW.given AND NEW.how = 'written' AND NEW.purpose NOT IN ('referral', 'representation')
     AND EXISTS (SELECT 1 FROM cases_consent o WHERE o.case_id = NEW.case_id AND o.purpose = NEW.purpose
                    AND ((o.withdrawn_at AT TIME ZONE @zone@ >= coalesce(NEW.signed_on + coalesce(NEW.signed_time, '00:00'), '-infinity')
                          AND NOT EXISTS (SELECT 1 FROM cases_consent r WHERE r.restores_id = o.id))
                         OR (NOT o.given AND coalesce(o.signed_on, (o.noted_at AT TIME ZONE @zone@)::date)
                                             > coalesce(NEW.signed_on, '-infinity')))) THEN
    RAISE EXCEPTION 'old_paper';
  END IF;
  RETURN NEW;
END $$;

-- app.consent_restorable | caller: functions | right: whoever noted the withdrawal, for 15 minutes; the same yes, word for word | test: tests/security/test_withdrawn_in_error.py
-- Whether a new row may stand for a yes that was noted as withdrawn in error. Not where she said no since she said yes,
-- or took it back or said yes anew since; where it says to whom, the program asks that of the same.
CREATE FUNCTION app.consent_restorable(n cases_consent) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM cases_consent o
     WHERE o.id = n.restores_id AND o.case_id = n.case_id AND o.given AND o.withdrawn_by_id = app.uid()
       AND o.withdrawn_at > clock_timestamp() - interval '15 minutes'
       AND (n.purpose, n.given, n.how, n.given_by, n.language, n.text_version)
         = (o.purpose, o.given, o.how, o.given_by, o.language, o.text_version)
       AND (n.expires_at, n.signed_on, n.signed_time) IS NOT DISTINCT FROM (o.expires_at, o.signed_on, o.signed_time)
       AND (o.purpose IN ('referral', 'representation')
            OR NOT EXISTS (SELECT 1 FROM cases_consent l
                            WHERE l.case_id = o.case_id AND l.purpose = o.purpose AND l.id <> o.id
                              AND ((NOT l.given AND l.noted_at > o.noted_at) OR l.withdrawn_at > o.withdrawn_at
                                   OR (l.given AND l.restores_id IS NULL AND l.noted_at > o.withdrawn_at)))))
$$;

-- app.consent_withdraw | caller: web | right: whoever works on the case, whatever its state; a yes, once | test: tests/security/test_consents.py
-- In her own name; what she has withdrawn is never turned into a yes again: a new yes is a new row, also where it was noted
-- in error. Said twice it is taken
-- back at once: every yes to the purpose on this case; where it says to whom (sealed, so the program names them: `alike`)
-- those to the same. Grants that hung on them end in the same transaction. A second click changes nothing. Returns what
-- this call withdrew.
CREATE FUNCTION app.consent_withdraw(wanted uuid, alike uuid[]) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  taken uuid[];
  moment timestamptz;  -- one for all that is withdrawn together
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = (SELECT o.case_id FROM cases_consent o WHERE o.id = wanted) FOR NO KEY UPDATE;
  SELECT o.case_id, o.purpose, o.given, o.withdrawn_at INTO hit FROM cases_consent o
   WHERE o.id = wanted AND app.holds(o.case_id, 'change_case') AND app.case_allows(o.case_id, 'withdraw_consent') FOR UPDATE;
  IF NOT FOUND OR NOT hit.given THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF hit.withdrawn_at IS NOT NULL THEN RETURN '{}'; END IF;
  moment := clock_timestamp();
  WITH off AS (
    UPDATE cases_consent o SET withdrawn_at = moment, withdrawn_by_id = app.uid()
     WHERE o.case_id = hit.case_id AND o.purpose = hit.purpose AND o.given AND o.withdrawn_at IS NULL
       AND (o.id = wanted OR hit.purpose NOT IN ('referral', 'representation') OR o.id = ANY (alike))
    RETURNING o.id
  ) SELECT array_agg(off.id ORDER BY off.id) INTO taken FROM off;
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  SELECT gen_random_uuid(), hit.case_id, 'consent', t.id, 'consent_off:' || hit.purpose, clock_timestamp(), app.uid() FROM unnest(taken) AS t (id);
  PERFORM app.grant_end(g.id, 'withdrawn') FROM cases_identitygrant g
    WHERE g.case_id = hit.case_id AND g.consent_id = ANY (taken) AND g.state = 'active' ORDER BY g.id;
  RETURN taken;
END $$;
