-- New requests: who may get one, and what an answer may point to.

-- app.may_get_request | caller: functions | right: none of its own | test: tests/security/test_requests.py
-- Whether a person is an active member of the request's team and no wall stands between.
CREATE FUNCTION app.may_get_request(person uuid, wanted uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT EXISTS (SELECT 1 FROM cases_helprequest r JOIN accounts_teammember m ON m.team_id = r.team_id
                   JOIN accounts_user u ON u.id = m.user_id AND u.is_active
                  WHERE r.id = wanted AND m.user_id = person) AND NOT app.is_walled(person, wanted)
$$;

-- app.request_people | caller: web (who may get one of these requests herself) | right: ids of colleagues who may get all of them | test: tests/security/test_requests.py
CREATE FUNCTION app.request_people(wanted uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT DISTINCT m.user_id FROM cases_helprequest r JOIN accounts_teammember m ON m.team_id = r.team_id
   WHERE r.id = ANY (wanted)
     AND NOT EXISTS (SELECT 1 FROM unnest(wanted) w
                      WHERE NOT app.may_get_request(m.user_id, w) OR NOT app.may_get_request(app.uid(), w))
$$;

-- app.may_be_the_same | caller: functions | right: a request of the actor's team, or one that became a case of hers | test: tests/security/test_requests.py
CREATE FUNCTION app.may_be_the_same(wanted uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT app.may_get_request(app.uid(), wanted)
      OR EXISTS (SELECT 1 FROM cases_case c WHERE c.request_id = wanted AND app.holds(c.id, 'view_case'))
$$;
