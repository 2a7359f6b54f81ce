-- Who carries what, what lands on whom, hours given. Numbers only: no case, no code.

-- app.load_rows | caller: functions | right: none of its own | test: tests/security/test_load.py
-- Roles on open cases against what a person can carry: lead, caseworker, lawyer 1; interpreter 0.5; supervisor, backup 0.25.
-- What the actor must not see counts for nobody; nor, for a coordinator, a protected case, which is not on her board: from the
-- difference she would know who leads one. Of her own load and of those she supervises she reads the whole. Counted for these people only, in one pass over their roles: joined to each person first it costs four times as much.
CREATE FUNCTION app.load_rows(wanted uuid[])
RETURNS TABLE (person uuid, leads integer, works integer, stands_by integer, capacity integer, percent integer)
LANGUAGE sql STABLE AS $$
  WITH carried AS (
    SELECT a.user_id, count(*) FILTER (WHERE a.role = 'lead') AS leads,
           count(*) FILTER (WHERE a.role IN ('caseworker', 'lawyer', 'interpreter')) AS works,
           count(*) FILTER (WHERE a.role IN ('backup', 'supervisor')) AS stands_by,
           sum(CASE WHEN a.role IN ('lead', 'caseworker', 'lawyer') THEN 100 WHEN a.role = 'interpreter' THEN 50
                    WHEN a.role IN ('backup', 'supervisor') THEN 25 ELSE 0 END) AS weight
      FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id AND c.state = 'open'
     WHERE a.state = 'live' AND a.user_id = ANY (wanted) AND NOT a.case_id = ANY ((SELECT app.walled())::uuid[])
       AND (c.compartment = 'standard' OR NOT (SELECT app.has_role('coordinator')) OR app.exposure_shown(a.user_id))
     GROUP BY a.user_id
  )
  SELECT u.id, coalesce(o.leads, 0)::integer, coalesce(o.works, 0)::integer, coalesce(o.stands_by, 0)::integer,
         coalesce(w.capacity, 20)::integer,
         round(coalesce(o.weight, 0) / greatest(coalesce(w.capacity, 20), 1)::numeric)::integer
    FROM accounts_user u
    LEFT JOIN cases_workprofile w ON w.user_id = u.id
    LEFT JOIN carried o ON o.user_id = u.id
   WHERE u.id = ANY (wanted) AND u.is_active AND u.roles::text[] && '{caseworker,lawyer}'::text[]
$$;

-- app.loads | caller: web | right: caseworker and coordinator all; everybody else only her own | test: tests/security/test_load.py
-- Of these people; of everybody where nobody is named.
CREATE FUNCTION app.loads(wanted uuid[])
RETURNS TABLE (person uuid, name text, roles text[], leads integer, works integer, stands_by integer, capacity integer,
               percent integer, accepting boolean, hours integer, languages text[], countries text[])
LANGUAGE sql STABLE AS $$
  WITH shown AS (
    SELECT array_agg(u.id) AS people FROM accounts_user u
     WHERE (wanted IS NULL OR u.id = ANY (wanted))
       AND ((SELECT app.has_role('caseworker', 'coordinator')) OR u.id = (SELECT app.uid()))
  )
  SELECT l.person, u.display_name, u.roles::text[], l.leads, l.works, l.stands_by, l.capacity, l.percent,
         coalesce(w.accepting, true), w.hours_per_week::integer, coalesce(w.languages::text[], '{}'), coalesce(w.countries::text[], '{}')
    FROM shown s, app.load_rows(s.people) l
    JOIN accounts_user u ON u.id = l.person LEFT JOIN cases_workprofile w ON w.user_id = l.person
   ORDER BY l.percent DESC, u.display_name
$$;

-- app.work_profile_changed | caller: trigger on cases_workprofile | right: in her own name; nobody makes herself somebody's supervisor | test: tests/security/test_load.py
-- A supervisor sees what lands on a person, so a supervisor is named by that person or by a third one.
CREATE FUNCTION app.work_profile_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.changed_by_id IS DISTINCT FROM app.uid() OR NEW.supervisor_id = NEW.user_id THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF NEW.supervisor_id = app.uid() AND (TG_OP = 'INSERT' OR OLD.supervisor_id IS DISTINCT FROM NEW.supervisor_id) THEN
    RAISE EXCEPTION 'own_supervision';
  END IF;
  IF NEW.supervisor_id IS NOT NULL AND NOT app.may_take_role(NEW.supervisor_id, 'supervisor') THEN RAISE EXCEPTION 'role_does_not_fit'; END IF;
  RETURN NEW;
END $$;

-- app.exposure_shown | caller: functions | right: herself and her named supervisor | test: tests/security/test_load.py
CREATE FUNCTION app.exposure_shown(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT wanted = app.uid() OR EXISTS (SELECT 1 FROM cases_workprofile w WHERE w.user_id = wanted AND w.supervisor_id = app.uid())
$$;

-- app.exposure | caller: web | right: herself and her named supervisor; nobody else, numbers only | test: tests/security/test_load.py
-- What landed on a person in so many days: cases new to her with these types of incident, and what she worked on.
CREATE FUNCTION app.exposure(wanted uuid, types text[], days integer, zone text)
RETURNS TABLE (name text, supervisor text, new_cases integer, most_a_day integer, immediate integer, minors integer,
               deaths integer, reviewed_on date)
LANGUAGE sql STABLE AS $$
  WITH since AS (SELECT clock_timestamp() - make_interval(days => days) AS at),
  hers AS (
    SELECT a.case_id, a.role, a.live_at, a.state FROM cases_assignment a, since
     WHERE a.user_id = wanted AND NOT a.case_id = ANY ((SELECT app.walled())::uuid[]) AND a.live_at IS NOT NULL AND (a.ended_at IS NULL OR a.ended_at > since.at)
  ), fresh AS (
    SELECT h.case_id, (min(h.live_at) AT TIME ZONE zone)::date AS day FROM hers h, since
     WHERE h.live_at > since.at
       AND EXISTS (SELECT 1 FROM cases_incident i WHERE i.case_id = h.case_id AND i.types::text[] && exposure.types)
     GROUP BY h.case_id
  ), worked AS (
    SELECT c.id, c.risk, c.minor, c.closure_reason FROM cases_case c, since
     WHERE c.id IN (SELECT h.case_id FROM hers h)
       AND EXISTS (SELECT 1 FROM cases_timelineentry t WHERE t.case_id = c.id AND t.by_id = wanted AND t.at > since.at)
  )
  SELECT u.display_name, coalesce(s.display_name, ''), (SELECT count(*)::integer FROM fresh),
         coalesce((SELECT max(d.number)::integer FROM (SELECT count(*) AS number FROM fresh GROUP BY day) d), 0),
         (SELECT count(*)::integer FROM worked k, since WHERE k.risk = 'immediate' OR EXISTS (
            SELECT 1 FROM cases_riskassessment r WHERE r.case_id = k.id AND r.level = 'immediate' AND r.assessed_at > since.at)),
         (SELECT count(*)::integer FROM worked k WHERE k.minor IN ('now', 'material')),
         (SELECT count(*)::integer FROM worked k WHERE k.closure_reason = 'deceased' OR EXISTS (
            SELECT 1 FROM cases_incident i WHERE i.case_id = k.id AND 'death_or_attempt_linked' = ANY (i.outcomes::text[]))),
         (SELECT max(c.reviewed_on) FROM hers h JOIN cases_case c ON c.id = h.case_id WHERE h.role = 'lead' AND h.state = 'live')
    FROM accounts_user u
    LEFT JOIN cases_workprofile w ON w.user_id = u.id
    LEFT JOIN accounts_user s ON s.id = w.supervisor_id
   WHERE u.id = wanted AND app.exposure_shown(wanted)
$$;

-- app.minutes_given | caller: web | right: own minutes | test: tests/security/test_load.py
-- What she has given since a moment, also on cases that she is not on any more.
CREATE FUNCTION app.minutes_given(since timestamptz) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(s.minutes), 0)::integer FROM cases_serviceunit s
   WHERE s.given_by_id = app.uid() AND s.given_at >= since AND s.undone_at IS NULL
$$;

-- app.may_review | caller: policy of cases_note | right: supervisor, lead and backup of the case | test: tests/security/test_load.py
CREATE FUNCTION app.may_review(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_assignment a
                  WHERE a.case_id = wanted AND a.user_id = app.uid() AND a.state = 'live' AND a.role IN ('supervisor', 'lead', 'backup'))
$$;
