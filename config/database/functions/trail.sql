-- The log for people: the trail of a case for whoever works on it, numbers about reading for whoever runs the house.

-- app.case_objects | caller: functions | right: none of its own | test: tests/security/test_trail.py
-- What entries about a case are named by: its own id, and the ids of records that hang on it. The log says of a record
-- only its id, so that after an erasure nothing ties the entries together; the rows themselves say whose they are. Left
-- out: walls; a wish of the coordinator for everybody but those who share the case; a link for whoever does not see both.
CREATE FUNCTION app.case_objects(wanted uuid) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  SELECT found::text FROM (
    SELECT wanted AS found
    UNION ALL SELECT r.id FROM cases_assignment r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_note r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_deadline r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_task r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_safetyplan r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_riskassessment r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_incident r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_casejurisdiction r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_consent r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_casefile r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_contactattempt r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_serviceunit r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_approval r WHERE r.case_id = wanted AND app.about_whom(r) IS NULL
    UNION ALL SELECT r.id FROM cases_armedreach r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_casecheck r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_identityentry r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_identityopening r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_identitygrant r WHERE r.case_id = wanted
    UNION ALL SELECT r.id FROM cases_moverequest r WHERE r.case_id = wanted AND app.holds(wanted, 'share_case')
    UNION ALL SELECT r.id FROM cases_caselink r WHERE r.case_id = wanted AND app.holds(r.other_id, 'view_case')
    UNION ALL SELECT r.id FROM cases_caselink r WHERE r.other_id = wanted AND app.holds(r.case_id, 'view_case')
  ) every
$$;

-- app.case_entries | caller: functions | right: holds view_case, no wall | test: tests/security/test_trail.py
-- Entries about a case and what hangs on it; none that tells of a wall.
CREATE FUNCTION app.case_entries(wanted uuid)
RETURNS TABLE (sequence bigint, at timestamptz, actor text, action text, outcome text, detail text) LANGUAGE sql STABLE AS $$
  WITH mine AS MATERIALIZED (SELECT o AS object_id FROM app.case_objects(wanted) o WHERE app.holds(wanted, 'view_case'))
  SELECT e.sequence, e.at, e.actor, e.action, e.outcome, e.detail
    FROM mine JOIN accounts_auditevent e ON e.object_id = mine.object_id
   WHERE e.action !~ 'wall' AND e.detail !~ 'wall'
$$;

-- app.case_trail | caller: web | right: holds view_case, no wall | test: tests/security/test_trail.py
-- Who did what on a case, newest first: the same act of the same person within an hour is one line with a number.
-- `among` are codes of acts, empty for all; `who` is a person or null. Of details only those of four acts are told.
CREATE FUNCTION app.case_trail(wanted uuid, who uuid, among text[], zone text, start integer, size integer)
RETURNS TABLE (at timestamptz, last_at timestamptz, number integer, name text, action text, outcome text, detail text)
LANGUAGE sql STABLE AS $$
  SELECT min(e.at), max(e.at), count(*)::integer, coalesce(u.display_name, '')::text, e.action, e.outcome, told.detail
    FROM app.case_entries(wanted) e
   CROSS JOIN LATERAL (SELECT CASE WHEN e.action IN ('reach_opened', 'assignment_offered', 'case_text_revised', 'identity_opened')
                                   THEN e.detail ELSE '' END AS detail) told
    LEFT JOIN accounts_user u ON u.id::text = e.actor
   WHERE (who IS NULL OR e.actor = who::text) AND (cardinality(among) = 0 OR e.action = ANY (among))
   GROUP BY date_trunc('hour', e.at AT TIME ZONE zone), u.display_name, e.actor, e.action, e.outcome, told.detail
   ORDER BY max(e.sequence) DESC OFFSET start LIMIT size
$$;

-- app.case_trail_people | caller: web | right: holds view_case, no wall | test: tests/security/test_trail.py
-- Whoever stands in the trail of a case.
CREATE FUNCTION app.case_trail_people(wanted uuid) RETURNS TABLE (id uuid, name text) LANGUAGE sql STABLE AS $$
  SELECT u.id, u.display_name::text FROM accounts_user u
   WHERE u.id::text IN (SELECT e.actor FROM app.case_entries(wanted) e) ORDER BY u.display_name, u.id
$$;

-- app.unusual_reading | caller: web (coordinator, administrator) | right: numbers and names of people only | test: tests/security/test_reading.py
-- One line for each person and day on which one of the numbers reaches its limit, in this order: cases, identities, ways
-- to reach somebody, prints, downloads, what she opened at night while she was
-- not on call (each once an hour), cases left long ago, cases without a
-- role of hers at that time, refused looks. No case can be told from another; a wall changes no number.
CREATE FUNCTION app.unusual_reading(zone text, days integer, who uuid, limits integer[], start integer, size integer)
RETURNS TABLE (person uuid, name text, day date, numbers integer[]) LANGUAGE sql STABLE AS $$
  WITH looks AS MATERIALIZED (
    SELECT e.actor, e.at, (e.at AT TIME ZONE zone)::date AS day, extract(hour FROM e.at AT TIME ZONE zone) AS hour,
           e.object_id, e.outcome = 'done' AS done, e.detail = 'refused' AS refused,
           CASE WHEN e.action = 'case_viewed' THEN 'case' WHEN e.action = 'identity_opened' THEN 'identity'
                WHEN e.action IN ('reach_opened', 'request_contacts_opened') THEN 'reach'
                WHEN e.action IN ('case_printed', 'safety_plan_printed', 'case_exported') THEN 'print'
                WHEN e.action = 'file_downloaded' THEN 'file' ELSE 'other' END AS kind
      FROM accounts_auditevent e
     WHERE app.has_role('coordinator', 'administrator') AND e.at >= (((clock_timestamp() AT TIME ZONE zone)::date - least(days, 92) + 1)::timestamp AT TIME ZONE zone)
       AND e.actor NOT LIKE 'role:%' AND (who IS NULL OR e.actor = who::text)
       AND e.action IN ('case_viewed', 'request_viewed', 'code_searched', 'identity_opened', 'reach_opened',
                        'request_contacts_opened', 'case_printed', 'safety_plan_printed', 'case_exported', 'file_downloaded')
  ), counted AS (
    SELECT l.actor, l.day,
           count(DISTINCT l.object_id) FILTER (WHERE l.done AND l.kind = 'case') AS cases,
           count(*) FILTER (WHERE l.done AND l.kind = 'identity') AS identities,
           count(*) FILTER (WHERE l.done AND l.kind = 'reach') AS reach,
           count(*) FILTER (WHERE l.done AND l.kind = 'print') AS prints,
           count(*) FILTER (WHERE l.done AND l.kind = 'file') AS files,
           count(DISTINCT l.object_id || ' ' || l.hour) FILTER (WHERE l.done AND (l.hour >= 22 OR l.hour < 6) AND NOT EXISTS (
             SELECT 1 FROM cases_dutyshift s WHERE s.cancelled_at IS NULL AND l.at BETWEEN s.starts_at AND s.ends_at
                AND l.actor IN (s.on_call_id::text, s.second_id::text))) AS nights,
           count(*) FILTER (WHERE NOT l.done AND l.refused) AS refusals
      FROM looks l GROUP BY l.actor, l.day
  ), opened AS (
    SELECT l.actor, l.day, c.id, c.closed_at, min(l.at) AS at
      FROM looks l JOIN cases_case c ON c.id::text = l.object_id WHERE l.done AND l.kind = 'case' GROUP BY l.actor, l.day, c.id
  ), cold AS (
    SELECT o.actor, o.day,
           count(*) FILTER (WHERE o.closed_at < o.at - interval '90 days' OR NOT EXISTS (
             SELECT 1 FROM cases_timelineentry t WHERE t.case_id = o.id AND t.at BETWEEN o.at - interval '180 days' AND o.at)) AS quiet,
           count(*) FILTER (WHERE NOT EXISTS (
             SELECT 1 FROM cases_assignment a WHERE a.case_id = o.id AND a.user_id::text = o.actor
                AND a.live_at <= o.at + interval '1 minute' AND (a.ended_at IS NULL OR a.ended_at >= o.at))) AS foreign_ones
      FROM opened o GROUP BY o.actor, o.day
  ), lines AS (
    SELECT n.actor, n.day, ARRAY[n.cases, n.identities, n.reach, n.prints, n.files, n.nights, coalesce(k.quiet, 0),
                                 coalesce(k.foreign_ones, 0), n.refusals]::integer[] AS numbers
      FROM counted n LEFT JOIN cold k ON k.actor = n.actor AND k.day = n.day
  )
  SELECT u.id, u.display_name::text, l.day, l.numbers FROM lines l JOIN accounts_user u ON u.id::text = l.actor
   WHERE EXISTS (SELECT 1 FROM unnest(l.numbers, limits) AS pair (number, most) WHERE pair.number >= pair.most)
   ORDER BY l.day DESC, u.display_name, u.id OFFSET start LIMIT size
$$;
