-- What must be true of every wrapped key at any time, and the check of it.

-- app.wraps_out_of_order | caller: owner (manage.py check_wraps), functions | right: opaque ids and codes | test: tests/security/test_wraps.py
-- One query for each state of a wrap, then two for what should be there and is not. Nothing, where all is well. `rule` says
-- what is wrong with the record: a wrap, an assignment, a version of a key, an armed reach, or the case of a permission row.
CREATE FUNCTION app.wraps_out_of_order() RETURNS TABLE (rule text, record_id uuid) LANGUAGE sql STABLE AS $$
  -- live, to a person: she works here, meets no wall, has her permission row, and her role or a grant brings this key
  SELECT f.wrong, w.id FROM vault_wrap w JOIN accounts_user u ON u.id = w.user_id
   CROSS JOIN LATERAL (SELECT CASE
     WHEN NOT u.is_active THEN 'live_deactivated'
     WHEN app.is_walled(w.user_id, w.case_id) THEN 'live_walled'
     WHEN NOT app.key_entitled(w.case_id, w.purpose, w.user_id, 'live') THEN 'live_without_role'
     WHEN NOT EXISTS (SELECT 1 FROM cases_caseuserpermission p WHERE p.content_object_id = w.case_id AND p.user_id = w.user_id)
       THEN 'live_without_row' END AS wrong) f
   WHERE w.state = 'live' AND f.wrong IS NOT NULL
  UNION ALL
  -- offered: to somebody who was asked, or for a grant that is not over; vouched for, no wall
  SELECT f.wrong, w.id FROM vault_wrap w JOIN accounts_user u ON u.id = w.user_id
   CROSS JOIN LATERAL (SELECT CASE
     WHEN NOT u.is_active THEN 'offered_deactivated'
     WHEN app.is_walled(w.user_id, w.case_id) THEN 'offered_walled'
     WHEN NOT app.vouched(w.user_id) THEN 'offered_not_vouched'
     WHEN NOT app.key_entitled(w.case_id, w.purpose, w.user_id, 'offered')
          AND NOT (w.purpose = 'identity' AND EXISTS (SELECT 1 FROM cases_identitygrant g
                    WHERE g.case_id = w.case_id AND g.person_id = w.user_id AND g.state IN ('asked', 'active')))
       THEN 'offered_without_offer' END AS wrong) f
   WHERE w.state = 'offered' AND f.wrong IS NOT NULL
  UNION ALL
  -- parked: of somebody who is not on the case, and only while nobody else could open it and give it on
  SELECT f.wrong, w.id FROM vault_wrap w
   CROSS JOIN LATERAL (SELECT CASE
     WHEN EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = w.case_id AND a.user_id = w.user_id AND a.state IN ('offered', 'live'))
       THEN 'parked_on_case'
     WHEN EXISTS (SELECT 1 FROM vault_wrap o WHERE o.case_id = w.case_id AND o.purpose = w.purpose AND o.version = w.version
                                               AND o.state = 'live' AND o.user_id <> w.user_id
                    AND EXISTS (SELECT 1 FROM cases_caseuserpermission s WHERE s.content_object_id = o.case_id AND s.user_id = o.user_id
                                                                           AND s.permission_id = app.permission_id('share_case')))
       THEN 'parked_held' END AS wrong) f
   WHERE w.state = 'parked' AND f.wrong IS NOT NULL
  UNION ALL
  -- to a team: the reach key, to intake, while reach is armed (the clock comes by within minutes)
  SELECT f.wrong, w.id FROM vault_wrap w JOIN accounts_team t ON t.id = w.team_id
   CROSS JOIN LATERAL (SELECT CASE
     WHEN w.purpose <> 'reach' OR w.state <> 'live' OR t.kind <> 'intake' THEN 'team_wrong_key'
     WHEN NOT EXISTS (SELECT 1 FROM cases_armedreach a WHERE a.case_id = w.case_id AND a.disarmed_at IS NULL
                                                         AND a.until > clock_timestamp() - interval '10 minutes') THEN 'team_not_armed'
     END AS wrong) f
   WHERE f.wrong IS NOT NULL
  UNION ALL
  -- every wrap and version: a wrap is of a version that the log knows, and somebody can open each version or it is parked
  SELECT 'version_unknown', w.id FROM vault_wrap w
   WHERE NOT EXISTS (SELECT 1 FROM vault_keyversion k WHERE (k.case_id, k.purpose, k.version) = (w.case_id, w.purpose, w.version))
  UNION ALL
  SELECT 'version_without_holder', k.id FROM vault_keyversion k
   WHERE NOT EXISTS (SELECT 1 FROM vault_wrap w WHERE (w.case_id, w.purpose, w.version) = (k.case_id, k.purpose, k.version)
                                                  AND w.user_id IS NOT NULL AND w.state IN ('live', 'parked'))
  UNION ALL
  -- every role: whoever has one has its keys and its permission rows, and nobody has a row without a role
  -- (what was left of an erased case for the sake of one date has no keys)
  SELECT f.wrong, a.id FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id
   CROSS JOIN LATERAL (SELECT CASE
     WHEN c.state <> 'erased' AND NOT app.keys_complete(a.case_id, a.user_id, a.role, a.state) THEN 'role_without_wrap'
     WHEN a.state = 'live' AND EXISTS (SELECT 1 FROM unnest(app.role_permissions(a.role)) code
            WHERE NOT EXISTS (SELECT 1 FROM cases_caseuserpermission p WHERE p.content_object_id = a.case_id AND p.user_id = a.user_id
                                                                         AND p.permission_id = app.permission_id(code)))
       THEN 'role_without_row' END AS wrong) f
   WHERE (a.state = 'live' OR (a.state = 'offered' AND a.keys_sealed_at IS NOT NULL)) AND f.wrong IS NOT NULL
  UNION ALL
  SELECT DISTINCT 'row_without_role', p.content_object_id FROM cases_caseuserpermission p
   WHERE NOT EXISTS (SELECT 1 FROM cases_assignment a, unnest(app.role_permissions(a.role)) code
                      WHERE a.case_id = p.content_object_id AND a.user_id = p.user_id AND a.state = 'live'
                        AND p.permission_id = app.permission_id(code))
  UNION ALL
  -- armed reach: somebody on intake can open the newest version, and the one under which it was written how she is reached
  SELECT 'armed_without_wrap', r.id FROM cases_armedreach r JOIN cases_case c ON c.id = r.case_id AND c.state = 'open'
   WHERE r.disarmed_at IS NULL AND r.until > clock_timestamp()
     AND EXISTS (SELECT 1 FROM vault_keyversion k
                  WHERE k.case_id = r.case_id AND k.purpose = 'reach'
                    AND (k.version = (SELECT max(n.version) FROM vault_keyversion n WHERE n.case_id = r.case_id AND n.purpose = 'reach')
                      OR k.version = (SELECT s.key_version FROM vault_sealed s WHERE s.case_id = r.case_id
                                         AND s.record_id = r.case_id AND s.field = 'case.reach' AND s.current))
                    AND NOT EXISTS (SELECT 1 FROM vault_wrap w JOIN accounts_team t ON t.id = w.team_id
                                     WHERE w.case_id = r.case_id AND w.purpose = 'reach' AND app.team_alive(t.id)
                                       AND w.version = k.version))
$$;

-- app.wraps_check | caller: worker | right: a number | test: tests/security/test_wraps.py
-- Once a night, after two: counts what is out of order, notes it in the log, and tells the administrators where it is more
-- than nothing. Returns NULL where this night's check was done already.
CREATE FUNCTION app.wraps_check(zone text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  here timestamp := clock_timestamp() AT TIME ZONE zone;
  number integer;
BEGIN
  IF here::time < time '02:00' OR EXISTS (SELECT 1 FROM vault_wrapcheck c WHERE c.checked_on = here::date) THEN RETURN NULL; END IF;
  PERFORM pg_advisory_xact_lock(723004);
  -- Older pairs of a team to which nothing is sealed any more open for nobody.
  DELETE FROM accounts_teammember m USING accounts_team t
   WHERE t.id = m.team_id AND t.retired_at IS NOT NULL
     AND EXISTS (SELECT 1 FROM accounts_team n WHERE n.kind = t.kind AND n.version > t.version)
     AND NOT EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.team_id = t.id)
     AND NOT EXISTS (SELECT 1 FROM vault_wrap w WHERE w.team_id = t.id);
  SELECT count(*) INTO number FROM app.wraps_out_of_order();
  INSERT INTO vault_wrapcheck (id, checked_on, checked_at, found)
  VALUES (gen_random_uuid(), here::date, clock_timestamp(), number) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN NULL; END IF;
  PERFORM app.audit_note('wraps_checked', '', number::text);
  IF number > 0 THEN
    INSERT INTO cases_notice (id, user_id, kind, created_at)
    SELECT gen_random_uuid(), u.id, 'wraps', clock_timestamp() FROM accounts_user u
     WHERE u.is_active AND u.enrolled_at IS NOT NULL AND 'administrator' = ANY (u.roles)
       AND NOT EXISTS (SELECT 1 FROM cases_notice n WHERE n.user_id = u.id AND n.kind = 'wraps' AND n.acknowledged_at IS NULL);
    PERFORM app.mail_wanted(u.id, false) FROM accounts_user u
      WHERE u.is_active AND u.enrolled_at IS NOT NULL AND 'administrator' = ANY (u.roles);
  END IF;
  RETURN number;
END $$;

-- app.wraps_last | caller: functions | right: a number | test: tests/security/test_wraps.py
-- What the last nightly check found; NULL before the first.
CREATE FUNCTION app.wraps_last() RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT c.found FROM vault_wrapcheck c ORDER BY c.checked_on DESC LIMIT 1
$$;
