-- What a case holds, in yes and no.

-- app.case_facts | caller: web | right: a view permission on the case, no wall; yes and no only | test: tests/security/test_desk.py
-- What the check of completeness asks of these cases, and whether there is anything of some kinds to read at all.
CREATE FUNCTION app.case_facts(wanted uuid[])
RETURNS TABLE (case_id uuid, core_answered boolean, has_safety_plan boolean, has_consent boolean, has_country boolean,
               has_incident boolean, lawyers_unasked boolean, has_lead boolean, has_backup boolean, has_supervisor boolean, checks_settled integer,
               has_questions boolean, has_links boolean, is_armed boolean, has_calls boolean, has_services boolean,
               lacks_identity boolean, has_texts_to_check boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  me constant uuid := app.uid();
  sees constant integer := app.permission_id('view_case');
  walls constant uuid[] := app.walled();
BEGIN
  RETURN QUERY SELECT g.content_object_id,
    EXISTS (SELECT 1 FROM cases_riskassessment r WHERE r.case_id = g.content_object_id AND r.counts AND r.core_complete),
    EXISTS (SELECT 1 FROM cases_safetyplan s WHERE s.case_id = g.content_object_id),
    EXISTS (SELECT 1 FROM cases_consent n WHERE n.case_id = g.content_object_id AND n.purpose = 'services' AND n.given
                                            AND n.withdrawn_at IS NULL
                                            AND (n.expires_at IS NULL OR n.expires_at > clock_timestamp())),
    EXISTS (SELECT 1 FROM cases_casejurisdiction j WHERE j.case_id = g.content_object_id AND j.removed_at IS NULL),
    EXISTS (SELECT 1 FROM cases_incident i WHERE i.case_id = g.content_object_id),
    EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = g.content_object_id AND a.state = 'live' AND a.role = 'lawyer'
               AND NOT EXISTS (SELECT 1 FROM cases_conflictslip s WHERE s.assignment_id = a.id AND s.answer = 'clear')),
    EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = g.content_object_id AND a.state = 'live' AND a.role = 'lead'),
    EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = g.content_object_id AND a.state = 'live' AND a.role = 'backup'),
    EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = g.content_object_id AND a.state = 'live' AND a.role = 'supervisor'),
    (SELECT count(*)::integer FROM cases_casecheck k WHERE k.case_id = g.content_object_id AND k.outcome <> '' AND k.item NOT IN ('backup', 'consent')),
    EXISTS (SELECT 1 FROM cases_approval p WHERE p.case_id = g.content_object_id AND p.state = 'asked'),
    EXISTS (SELECT 1 FROM cases_caselink l WHERE l.case_id = g.content_object_id AND l.removed_at IS NULL)
      OR EXISTS (SELECT 1 FROM cases_caselink l WHERE l.other_id = g.content_object_id AND l.removed_at IS NULL),
    EXISTS (SELECT 1 FROM cases_armedreach r WHERE r.case_id = g.content_object_id AND r.disarmed_at IS NULL),
    EXISTS (SELECT 1 FROM cases_contactattempt t WHERE t.case_id = g.content_object_id AND t.ended_at IS NULL),
    EXISTS (SELECT 1 FROM cases_serviceunit u WHERE u.case_id = g.content_object_id AND u.given_by_id = me AND u.undone_at IS NULL),
    NOT EXISTS (SELECT 1 FROM cases_identityentry d WHERE d.case_id = g.content_object_id AND d.removed_at IS NULL)
      AND app.may_identify(g.content_object_id),  -- nobody else is told whether it is known who she is
    EXISTS (SELECT 1 FROM cases_textcheck x WHERE x.case_id = g.content_object_id AND x.state IN ('unchecked', 'names'))
      AND app.may_identify(g.content_object_id)
    FROM cases_caseuserpermission g
   WHERE g.content_object_id = ANY (wanted) AND g.user_id = me AND g.permission_id = sees AND NOT g.content_object_id = ANY (walls);
END $$;
