-- The desk: what a person has at all, asked once, so that a desk with few cards costs few queries.

-- app.desk_hints | caller: web | right: own rows; yes or no | test: tests/security/test_desk.py
-- Which cards may have something for her. A yes may be wrong, and then the card finds nothing; a no is never wrong: where
-- a card looks at a time or a wall besides, it is left to the card, which reads its rows under row security.
CREATE FUNCTION app.desk_hints(zone text)
RETURNS TABLE (alerts boolean, handovers boolean, to_arm boolean, calls boolean, tasks boolean, notices boolean, second boolean,
               moves boolean, ending boolean, reviews boolean, ask_again boolean, errands boolean, alone boolean, covers boolean,
               keys boolean, team_keys boolean, grants boolean, unled boolean, unled_house boolean, referrals boolean, away_for boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  me constant uuid := app.uid();
  today constant date := (clock_timestamp() AT TIME ZONE zone)::date;
  sees constant integer := app.permission_id('view_case');
  shares constant integer := app.permission_id('share_case');
  walled constant uuid[] := app.walled();
BEGIN
  RETURN QUERY SELECT
    EXISTS (SELECT 1 FROM cases_notice n WHERE n.user_id = me AND n.acknowledged_at IS NULL AND n.kind = 'alert')
      OR (me IN (SELECT o.user_id FROM app.on_call() o)
          AND EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.state = 'new' AND app.unanswered(r)
                         AND r.team_id = ANY ((SELECT app.my_teams())::uuid[]) AND NOT r.id = ANY (walled))),
    EXISTS (SELECT 1 FROM cases_shifthandover h WHERE h.to_user_id = me AND h.taken_at IS NULL),
    EXISTS (SELECT 1 FROM cases_caseuserpermission g JOIN cases_case c ON c.id = g.content_object_id AND c.state = 'open'
             WHERE g.user_id = me AND g.permission_id = shares AND (c.risk = 'immediate' OR c.on_duty_may_call))
      OR EXISTS (SELECT 1 FROM cases_task t JOIN cases_caseuserpermission g ON g.content_object_id = t.case_id
                  WHERE t.state = 'open' AND t.exact AND t.due_at > clock_timestamp() AND t.due_at < clock_timestamp() + interval '25 hours'
                    AND g.user_id = me AND g.permission_id = shares),
    EXISTS (SELECT 1 FROM cases_contactattempt a WHERE a.begun_by_id = me AND a.ended_at IS NULL),
    EXISTS (SELECT 1 FROM cases_task t WHERE t.assignee_id = me AND t.state = 'open' AND t.due_at < clock_timestamp() + interval '8 days')
      OR EXISTS (SELECT 1 FROM cases_task t JOIN cases_assignment a ON a.case_id = t.case_id
                  WHERE (t.kind = 'tell' OR t.assignee_id IS NULL) AND t.state = 'open' AND a.user_id = me AND a.state = 'live'
                    AND a.role IN ('lead', 'backup', 'caseworker'))
      OR EXISTS (SELECT 1 FROM cases_assignment a JOIN cases_task t ON t.case_id = a.case_id
                   JOIN cases_absence b ON b.user_id = t.assignee_id AND b.cancelled_at IS NULL AND today BETWEEN b.from_on AND b.until_on
                  WHERE a.user_id = me AND a.state = 'live' AND t.state = 'open' AND t.due_at < clock_timestamp() + interval '2 days'),
    EXISTS (SELECT 1 FROM cases_notice n WHERE n.user_id = me AND n.acknowledged_at IS NULL AND n.kind NOT IN ('second', 'alert')),
    EXISTS (SELECT 1 FROM cases_approval p JOIN cases_assignment a ON a.case_id = p.case_id
             WHERE p.state = 'asked' AND p.asked_by_id <> me
               AND a.user_id = me AND a.state = 'live' AND a.role IN ('lead', 'backup', 'supervisor'))
      OR EXISTS (SELECT 1 FROM cases_wall w JOIN cases_helprequest r ON r.id = w.request_id JOIN accounts_teammember m ON m.team_id = r.team_id
                  WHERE w.lifted_at IS NULL AND w.lift_asked_by_id <> me AND m.user_id = me AND NOT r.id = ANY (walled)),
    EXISTS (SELECT 1 FROM cases_moverequest m JOIN cases_assignment a ON a.case_id = m.case_id
             WHERE m.state = 'open' AND a.user_id = me AND a.state = 'live' AND a.role IN ('lead', 'backup')),
    EXISTS (SELECT 1 FROM cases_assignment e JOIN cases_assignment a ON a.case_id = e.case_id
             WHERE e.state = 'live' AND e.until_on <= today + 7 AND a.user_id = me AND a.state = 'live' AND a.role = 'lead'),
    EXISTS (SELECT 1 FROM cases_case c JOIN cases_assignment a ON a.case_id = c.id
             WHERE a.user_id = me AND a.state = 'live' AND a.role IN ('lead', 'supervisor') AND c.state = 'open'
               AND (c.next_review_on <= today OR (c.next_review_on IS NULL AND c.reviewed_on IS NULL
                    AND c.opened_at < clock_timestamp() - interval '30 days'))),
    EXISTS (SELECT 1 FROM cases_case c JOIN cases_caseuserpermission g ON g.content_object_id = c.id
             WHERE c.state = 'open' AND c.reassess_at <= clock_timestamp() AND g.user_id = me AND g.permission_id = sees),
    EXISTS (SELECT 1 FROM cases_assignment o JOIN cases_caseuserpermission g ON g.content_object_id = o.case_id
             WHERE o.state = 'offered' AND o.keys_sealed_at IS NULL AND g.user_id = me AND g.permission_id = shares),
    EXISTS (SELECT 1 FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id AND c.state = 'open'
             WHERE a.user_id = me AND a.state = 'live' AND a.role = 'lead'
               AND NOT EXISTS (SELECT 1 FROM cases_assignment b WHERE b.case_id = a.case_id AND b.state = 'live' AND b.role = 'backup')),
    EXISTS (SELECT 1 FROM cases_absence b JOIN cases_assignment l ON l.user_id = b.user_id AND l.state = 'live' AND l.role = 'lead'
              JOIN cases_assignment a ON a.case_id = l.case_id
             WHERE b.cancelled_at IS NULL AND today BETWEEN b.from_on AND b.until_on
               AND a.user_id = me AND a.state = 'live' AND a.role = 'backup'),
    (SELECT k.ceremonies + k.handovers + k.announced + k.to_review > 0 FROM app.key_hints() k),
    EXISTS (SELECT 1 FROM accounts_teammember m JOIN accounts_team t ON t.id = m.team_id
             WHERE m.user_id = me AND (t.retired_at IS NULL AND t.renew_due_at IS NOT NULL
                   OR t.retired_at IS NOT NULL AND EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.team_id = t.id AND r.state <> 'accepted'))),
    EXISTS (SELECT 1 FROM cases_identitygrant i JOIN cases_assignment a ON a.case_id = i.case_id
             WHERE a.user_id = me AND a.state = 'live' AND a.role IN ('lead', 'backup') AND i.person_id <> me
               AND (i.state = 'asked' OR (i.state = 'active' AND i.kind = 'representation'
                                          AND i.until < clock_timestamp() + interval '14 days'))),
    EXISTS (SELECT 1 FROM cases_assignment a JOIN cases_case c ON c.id = a.case_id AND c.state = 'open'
             WHERE a.user_id = me AND a.state = 'live' AND a.role IN ('backup', 'caseworker')
               AND NOT EXISTS (SELECT 1 FROM cases_assignment l WHERE l.case_id = a.case_id AND l.state = 'live' AND l.role = 'lead')),
    CASE WHEN app.has_role('coordinator') THEN
      EXISTS (SELECT 1 FROM cases_case c WHERE c.state = 'open' AND c.compartment = 'standard' AND NOT c.id = ANY (walled)
                 AND NOT EXISTS (SELECT 1 FROM cases_assignment l WHERE l.case_id = c.id AND l.state = 'live' AND l.role = 'lead'))
    ELSE false END,
    EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.state = 'referred_out' AND r.referral_answer = '' AND r.refer_by < today),
    EXISTS (SELECT 1 FROM cases_absence b WHERE b.user_id = me AND b.entered_by_id <> me AND b.cancelled_at IS NULL AND b.until_on >= today);
END $$;

-- app.housekeeping | caller: web | right: cases she may see, requests of her teams, no walled ones; rule, day, code and whose access | test: tests/security/test_desk.py
-- What lies open on her open cases (those she leads or backs up; late tasks also where she is named) and her requests.
-- Of the lines to show and of those she has put off at most `most` each, with how many there are; `wanted`: of one record only.
CREATE FUNCTION app.housekeeping(zone text, most integer, wanted uuid)
RETURNS TABLE (rule text, record_id uuid, of_case uuid, since timestamptz, at_code text, what text, who text, put_off boolean,
               number bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  me constant uuid := app.uid();
  moment constant timestamptz := clock_timestamp();
  today constant date := (clock_timestamp() AT TIME ZONE zone)::date;
  sees constant integer := app.permission_id('view_case');
  walls constant uuid[] := app.walled();
  teams constant uuid[] := app.my_teams();
BEGIN
  RETURN QUERY
  WITH seen AS MATERIALIZED (
    SELECT c.id, c.code, c.opened_at, c.risk, c.reassess_at, c.next_review_on,
           EXISTS (SELECT 1 FROM cases_assignment a
                    WHERE a.case_id = c.id AND a.user_id = me AND a.state = 'live' AND a.role IN ('lead', 'backup')) AS mine
      FROM cases_caseuserpermission g JOIN cases_case c ON c.id = g.content_object_id
     WHERE g.user_id = me AND g.permission_id = sees AND c.state = 'open' AND NOT g.content_object_id = ANY (walls)
  ), own AS MATERIALIZED (
    SELECT s.* FROM seen s WHERE s.mine
  ), calls AS (
    SELECT a.id, a.case_id, a.request_id, a.begun_at FROM cases_contactattempt a
     WHERE a.begun_by_id = me AND a.ended_at IS NULL AND a.begun_at < moment - interval '2 hours'
  ), open_lines AS (
    SELECT 'no_backup' AS rule, o.id AS record, o.id AS of_case, o.opened_at AS since, o.code, '' AS what, '' AS who FROM own o
     WHERE o.opened_at < moment - interval '7 days'
       AND NOT EXISTS (SELECT 1 FROM cases_assignment b WHERE b.case_id = o.id AND b.state = 'live' AND b.role = 'backup')
    UNION ALL SELECT 'quiet', o.id, o.id, o.opened_at, o.code, '', '' FROM own o
     WHERE o.opened_at < moment - interval '30 days'
       AND NOT EXISTS (SELECT 1 FROM cases_timelineentry t WHERE t.case_id = o.id AND t.at > moment - interval '30 days'
                          AND t.kind IN ('case_note', 'legal_note', 'review_note', 'call'))
    UNION ALL SELECT 'risk_never', o.id, o.id, o.opened_at, o.code, '', '' FROM own o
     WHERE o.risk = 'unknown' AND o.opened_at < moment - interval '3 days'
    UNION ALL SELECT 'risk_again', o.id, o.id, o.reassess_at, o.code, '', '' FROM own o WHERE o.reassess_at < moment
    UNION ALL SELECT 'no_review', o.id, o.id, o.opened_at, o.code, '', '' FROM own o WHERE o.next_review_on IS NULL
    UNION ALL SELECT 'date_nobody', d.id, s.id, d.due_on::timestamp AT TIME ZONE zone, s.code, d.severity, ''
      FROM seen s JOIN cases_deadline d ON d.case_id = s.id
     WHERE d.state = 'running' AND d.assignee_id IS NULL AND d.severity = 'critical' AND d.due_on <= today + 14
    UNION ALL SELECT 'task_late', t.id, s.id, t.due_at, s.code, t.kind, '' FROM seen s JOIN cases_task t ON t.case_id = s.id
     WHERE t.state = 'open' AND t.due_at < moment - interval '7 days' AND (t.assignee_id = me OR (t.assignee_id IS NULL AND s.mine))
    UNION ALL SELECT 'check_late', k.id, o.id, k.due_on::timestamp AT TIME ZONE zone, o.code, k.item, ''
      FROM own o JOIN cases_casecheck k ON k.case_id = o.id
     WHERE k.outcome = '' AND k.due_on < today
       AND NOT (k.item = 'backup' AND EXISTS (SELECT 1 FROM cases_assignment b WHERE b.case_id = o.id AND b.state = 'live' AND b.role = 'backup'))
       AND NOT (k.item = 'consent' AND EXISTS (SELECT 1 FROM cases_consent n WHERE n.case_id = o.id AND n.purpose = 'services' AND n.given
                                                AND n.withdrawn_at IS NULL AND (n.expires_at IS NULL OR n.expires_at > moment)))
    UNION ALL SELECT 'call_open', a.id, s.id, a.begun_at, s.code, '', '' FROM calls a JOIN seen s ON s.id = a.case_id
    UNION ALL SELECT 'call_of_request', a.id, NULL, a.begun_at, r.code, '', ''
      FROM calls a JOIN cases_helprequest r ON r.id = a.request_id
     WHERE r.team_id = ANY (teams) AND NOT r.id = ANY (walls)
    UNION ALL SELECT 'access_ends', e.id, o.id, e.until_on::timestamp AT TIME ZONE zone, o.code, e.role, u.display_name
      FROM own o JOIN cases_assignment e ON e.case_id = o.id JOIN accounts_user u ON u.id = e.user_id
     WHERE e.state = 'live' AND e.until_on BETWEEN today AND today + 7
    UNION ALL SELECT CASE WHEN r.state = 'awaiting_person' AND coalesce(r.promised_for >= moment, true) THEN 'look_again'
                          ELSE 'promise_passed' END, r.id, NULL, least(r.waiting_until, r.promised_for), r.code, '', ''
      FROM cases_helprequest r
     WHERE r.team_id = ANY (teams) AND NOT r.id = ANY (walls) AND r.state IN ('new', 'acknowledged', 'awaiting_person', 'waiting')
       AND least(r.waiting_until, r.promised_for) < moment
    UNION ALL SELECT 'referral_late', r.id, NULL, r.refer_by::timestamp AT TIME ZONE zone, r.code, '', ''
      FROM cases_helprequest r
     WHERE r.team_id = ANY (teams) AND NOT r.id = ANY (walls)
       AND r.state = 'referred_out' AND r.referral_answer = '' AND r.refer_by < today
  ), told AS (
    SELECT l.*, EXISTS (SELECT 1 FROM cases_putoff p
                         WHERE p.user_id = me AND p.rule = l.rule AND p.record_id = l.record AND p.until_on > today) AS later
      FROM open_lines l WHERE wanted IS NULL OR l.record = wanted
  ), ranked AS (
    SELECT l.*, row_number() OVER (PARTITION BY l.later ORDER BY l.since, l.rule, l.record) AS place,
           count(*) OVER (PARTITION BY l.later) AS number
      FROM told l
  )
  SELECT l.rule, l.record, l.of_case, l.since, l.code::text, l.what::text, l.who::text, l.later, l.number
    FROM ranked l WHERE l.place <= most ORDER BY l.later, l.place;
END $$;
