-- Who acts, and what she may not see. Read by every policy.

-- app.uid | caller: policies and functions | right: none | test: tests/security/test_actor.py
-- The person who acts, or NULL: a context signed for this backend, not expired, of an active person in a live session.
CREATE FUNCTION app.uid() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL RESTRICTED AS $$
DECLARE
  part text[] := string_to_array(current_setting('app.ctx', true), '.');
  message bytea;
  pads record;
  hit uuid;
BEGIN
  IF part IS NULL OR array_length(part, 1) IS DISTINCT FROM 5 OR part[4] <> pg_backend_pid()::text THEN
    RETURN NULL;
  END IF;
  message := convert_to(part[1] || '.' || part[2] || '.' || part[3] || '.' || part[4], 'UTF8');
  SELECT k.inner_pad, k.outer_pad INTO pads FROM app.context_key k;
  IF NOT FOUND OR encode(sha256(pads.outer_pad || sha256(pads.inner_pad || message)), 'hex') <> part[5] THEN
    RETURN NULL;
  END IF;
  IF part[3]::bigint < extract(epoch FROM clock_timestamp()) THEN
    RETURN NULL;
  END IF;
  SELECT s.user_id INTO hit
    FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id
   WHERE s.session_hash = part[2] AND s.user_id = part[1]::uuid
     AND s.expires_at > clock_timestamp() AND u.is_active;
  RETURN hit;
END $$;

-- app.session_hash | caller: functions | right: none | test: tests/security/test_actor.py
-- The session the actor acts in, or NULL.
CREATE FUNCTION app.session_hash() RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT CASE WHEN app.uid() IS NULL THEN NULL ELSE split_part(current_setting('app.ctx', true), '.', 2) END
$$;

-- app.stepped_up | caller: policies and functions | right: own session | test: tests/security/test_identity.py
-- Whether the second factor was shown in this session within the last five minutes; signing in counts.
CREATE FUNCTION app.stepped_up() RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_session s
                  WHERE s.session_hash = app.session_hash() AND s.stepped_up_at > clock_timestamp() - interval '5 minutes')
$$;

-- app.session_stepped_up | caller: web, once the second factor was shown | right: own session | test: tests/security/test_identity.py
CREATE FUNCTION app.session_stepped_up() RETURNS void LANGUAGE sql AS $$
  UPDATE accounts_session s SET stepped_up_at = clock_timestamp() WHERE s.session_hash = app.session_hash()
$$;

-- app.has_role | caller: policies and functions | right: own roles | test: tests/security/test_actor.py
CREATE FUNCTION app.has_role(VARIADIC wanted text[]) RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = app.uid() AND u.roles::text[] && wanted)
$$;

-- app.walled | caller: policies, and filters of access | right: own walls, as ids only | test: tests/security/test_row_security.py
-- Ids of the requests and cases that the actor must not see: a wall holds for all that is the same matter. A plain
-- sub-select in a policy would see no wall row.
CREATE FUNCTION app.walled() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT coalesce(array_agg(m.id), '{}')
    FROM cases_wall w, LATERAL app.same_matter(coalesce(w.case_id, w.request_id)) AS m (id)
   WHERE w.user_id = app.uid() AND w.lifted_at IS NULL
$$;

-- app.deputised | caller: policies | right: own cases, as ids only | test: tests/security/test_deputy.py
-- Ids of the cases on which the actor is the deputy: she is told when nobody answers, and reads nothing of what happened.
CREATE FUNCTION app.deputised() RETURNS uuid[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(a.case_id), '{}') FROM cases_assignment a
   WHERE a.user_id = app.uid() AND a.state = 'live' AND a.role = 'deputy'
$$;

-- app.same_matter | caller: functions | right: none of its own | test: tests/security/test_walls.py
-- A request, what was marked as the same as it or it as the same as, and the case that one of them became: they tell of
-- one survivor. Two that name each other end as well.
CREATE FUNCTION app.same_matter(record uuid) RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  WITH RECURSIVE matter (id) AS (
    SELECT coalesce((SELECT c.request_id FROM cases_case c WHERE c.id = record), record)
    UNION
    SELECT n.id FROM matter m, LATERAL (
      SELECT r.duplicate_of_id FROM cases_helprequest r WHERE r.id = m.id AND r.duplicate_of_id IS NOT NULL
      UNION ALL SELECT r.id FROM cases_helprequest r WHERE r.duplicate_of_id = m.id) AS n (id)
  )
  SELECT record UNION SELECT m.id FROM matter m UNION SELECT c.id FROM matter m JOIN cases_case c ON c.request_id = m.id
$$;

-- app.is_walled | caller: functions | right: none of its own | test: tests/security/test_row_security.py
CREATE FUNCTION app.is_walled(person uuid, record uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT EXISTS (SELECT 1 FROM cases_wall w
                  WHERE w.user_id = person AND w.lifted_at IS NULL
                    AND record IN (SELECT app.same_matter(coalesce(w.case_id, w.request_id))))
$$;

-- app.may_be_asked | caller: policies | right: holds share_case; everybody else reads false | test: tests/security/test_row_security.py
-- Whether the actor may bring a person onto a case.
CREATE FUNCTION app.may_be_asked(person uuid, wanted_case uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT app.holds(wanted_case, 'share_case') AND NOT app.is_walled(person, wanted_case)
$$;

-- app.permission_id | caller: policies | right: none | test: tests/security/test_row_security.py
CREATE FUNCTION app.permission_id(wanted text) RETURNS integer LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT p.id FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
   WHERE t.app_label = 'cases' AND t.model = 'case' AND p.codename = wanted
$$;

-- app.holds | caller: policies and functions | right: own permission rows | test: tests/security/test_row_security.py
CREATE FUNCTION app.holds(wanted_case uuid, wanted text) RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT EXISTS (SELECT 1 FROM cases_caseuserpermission p
                  WHERE p.content_object_id = wanted_case AND p.user_id = app.uid()
                    AND p.permission_id = app.permission_id(wanted))
     AND NOT app.is_walled(app.uid(), wanted_case)
$$;

-- app.my_teams | caller: policies | right: own memberships, as ids | test: tests/security/test_row_security.py
CREATE FUNCTION app.my_teams() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT coalesce(array_agg(m.team_id), '{}') FROM accounts_teammember m WHERE m.user_id = app.uid()
$$;

-- app.colleagues | caller: policy of accounts_user | right: people on the actor's own cases, and her supervisor | test: tests/security/test_row_security.py
CREATE FUNCTION app.colleagues() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT coalesce(array_agg(DISTINCT known.person), '{}') FROM (
    SELECT other.user_id AS person
      FROM cases_assignment mine JOIN cases_assignment other ON other.case_id = mine.case_id
     WHERE mine.user_id = app.uid() AND mine.state = 'live' AND NOT app.is_walled(app.uid(), mine.case_id)
    UNION ALL
    SELECT w.supervisor_id FROM cases_workprofile w WHERE w.user_id = app.uid() AND w.supervisor_id IS NOT NULL
  ) known
$$;

-- app.vouched | caller: policies and functions | right: everybody signed in | test: tests/security/test_vouching.py
-- Whether the person's current public key was confirmed by voice.
CREATE FUNCTION app.vouched(person uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_publickey k JOIN accounts_vouch v ON v.public_key_id = k.id AND v.fingerprint = k.fingerprint
                  WHERE k.user_id = person AND k.retired_at IS NULL)
$$;
