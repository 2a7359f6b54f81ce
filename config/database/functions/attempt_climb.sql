-- An attempt that nobody has answered: after fifteen minutes it climbs past those who were told.

-- app.attempt_told | caller: functions | right: none of its own | test: tests/security/test_attempt_climb.py
-- Whom the word of an attempt has told, and whether she has seen it: by the case, or without it by who asks.
CREATE FUNCTION app.attempt_told(r cases_riskassessment) RETURNS TABLE (user_id uuid, seen boolean) LANGUAGE sql STABLE AS $$
  SELECT n.user_id, n.acknowledged_at IS NOT NULL FROM cases_notice n
   WHERE n.created_at > r.assessed_at - interval '1 minute'  -- the clock of the site is not that of the database
     AND ((n.kind = 'attempt' AND n.case_id = r.case_id) OR (n.kind = 'needed' AND n.detail = r.assessed_by_id::text))
$$;

-- app.attempt_next | caller: functions | right: none of its own | test: tests/security/test_attempt_climb.py
-- Whom it reaches then: coordinators, and whoever of intake was not told yet. Never who noted it, nor anybody whom a wall
-- keeps out; an absent one only where she is on call or nobody else is left.
CREATE FUNCTION app.attempt_next(r cases_riskassessment) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  WITH able AS (
    SELECT u.id, app.absent(u.id) AS away, u.id IN (SELECT o.user_id FROM app.on_call() o) AS named FROM accounts_user u
     WHERE u.is_active AND ('coordinator' = ANY (u.roles) OR app.answers_for_intake(u.id))
       AND u.id <> r.assessed_by_id AND NOT app.is_walled(u.id, r.case_id)
       AND u.id NOT IN (SELECT t.user_id FROM app.attempt_told(r) t)
  )
  SELECT a.id FROM able a WHERE a.named OR NOT a.away OR NOT EXISTS (SELECT 1 FROM able o WHERE NOT o.away)
$$;

-- app.attempts_climb | caller: functions | right: none of its own | test: tests/security/test_attempt_climb.py
-- For the clock, once for each attempt: none of those who were told has seen it. The notice says who asks, not which case.
-- Of a protected case nobody outside is told. After downtime: attempts of one day.
CREATE FUNCTION app.attempts_climb() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  attempt cases_riskassessment;
  person uuid;
  fired integer := 0;
BEGIN
  FOR attempt IN
    SELECT r.* FROM cases_riskassessment r JOIN cases_case c ON c.id = r.case_id
     WHERE r.attempt AND r.counts AND r.climbed_at IS NULL AND c.state = 'open' AND c.compartment = 'standard' AND c.risk = 'immediate'
       AND r.assessed_at BETWEEN clock_timestamp() - interval '1 day' AND clock_timestamp() - interval '15 minutes'
       AND NOT EXISTS (SELECT 1 FROM app.attempt_told(r) t WHERE t.seen)
  LOOP
    UPDATE cases_riskassessment r SET climbed_at = clock_timestamp() WHERE r.id = attempt.id;
    FOR person IN SELECT app.attempt_next(attempt) LOOP
      INSERT INTO cases_notice (id, user_id, kind, detail, created_at)
      VALUES (gen_random_uuid(), person, 'needed', attempt.assessed_by_id::text, clock_timestamp());
      PERFORM app.mail_wanted(person, true, true);
      fired := fired + 1;
    END LOOP;
  END LOOP;
  RETURN fired;
END $$;
