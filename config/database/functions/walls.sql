-- Must not see: who is kept away from a request or a case, and everything that follows from it.

-- app.walls_of | caller: web | right: holds share_case; of a matter that is no case yet, members of the request's team who see it | test: tests/security/test_walls.py
-- Who must not see it, since when, who said so and why; and who asked that it is lifted.
CREATE FUNCTION app.walls_of(wanted uuid)
RETURNS TABLE (id uuid, person uuid, name text, reason text, set_at timestamptz, set_by text, lift_asked_by uuid, lift_asked_name text)
LANGUAGE sql STABLE AS $$
  SELECT w.id, w.user_id, u.display_name, w.reason, w.set_at, s.display_name, w.lift_asked_by_id, coalesce(l.display_name, '')
    FROM cases_wall w
    JOIN accounts_user u ON u.id = w.user_id
    JOIN accounts_user s ON s.id = w.set_by_id
    LEFT JOIN accounts_user l ON l.id = w.lift_asked_by_id
   WHERE w.lifted_at IS NULL AND coalesce(w.case_id, w.request_id) IN (SELECT app.same_matter(wanted))
     AND (app.holds(wanted, 'share_case') OR (app.may_get_request(app.uid(), wanted) AND NOT app.is_of_a_case(wanted)))
   ORDER BY w.set_at, u.display_name, w.id
$$;

-- app.walls_among | caller: web | right: of each record as app.walls_of | test: tests/cases/test_handover.py
-- Who must not see which of these records, for a list of them.
CREATE FUNCTION app.walls_among(wanted uuid[]) RETURNS TABLE (record uuid, person uuid, name text) LANGUAGE sql STABLE AS $$
  SELECT r.id, w.person, w.name FROM unnest(wanted) AS r (id), LATERAL app.walls_of(r.id) w ORDER BY 3, 2
$$;

-- app.is_of_a_case | caller: functions | right: none | test: tests/security/test_walls.py
-- Whether a matter has become a case: from then on its walls are those of the case, for lead and backup.
CREATE FUNCTION app.is_of_a_case(record uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_case c WHERE c.id IN (SELECT app.same_matter(record)))
$$;

-- app.on_the_case | caller: functions | right: none | test: tests/security/test_walls.py
-- Whether she is on the case that a matter has become, or was asked onto it.
CREATE FUNCTION app.on_the_case(person uuid, record uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM cases_assignment a
                  WHERE a.user_id = person AND a.state IN ('offered', 'live') AND a.case_id IN (SELECT app.same_matter(record)))
$$;

-- app.walls_meet | caller: web, functions | right: who sees the request and may call the other one the same | test: tests/security/test_walls_meet.py
-- Whether two matters may become one. Whoever is kept out of one and works on the other's case is kept out there first, which
-- ends her role; somebody has to be left who may open what waits. Returns who is kept out of one only.
CREATE FUNCTION app.walls_meet(of_request uuid, other uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  ours uuid[] := ARRAY(SELECT app.same_matter(of_request));
  theirs uuid[] := ARRAY(SELECT app.same_matter(other));
  kept uuid[];
BEGIN
  IF NOT app.may_get_request(app.uid(), of_request) OR NOT app.may_be_the_same(other) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  kept := ARRAY(SELECT w.user_id FROM cases_wall w WHERE w.lifted_at IS NULL AND coalesce(w.case_id, w.request_id) = ANY (ours || theirs)
                 GROUP BY w.user_id HAVING count(DISTINCT coalesce(w.case_id, w.request_id) = ANY (ours)) = 1);
  IF EXISTS (SELECT 1 FROM unnest(kept) AS k (person) WHERE app.on_the_case(k.person, of_request) OR app.on_the_case(k.person, other)) THEN
    RAISE EXCEPTION 'wall_first';
  END IF;
  IF EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = ANY (theirs) AND r.ended_at IS NULL AND r.state <> 'accepted'
                AND NOT EXISTS (SELECT 1 FROM accounts_teammember m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
                                 WHERE m.team_id = r.team_id AND NOT app.is_walled(m.user_id, other) AND NOT m.user_id = ANY (kept))) THEN
    RAISE EXCEPTION 'nobody_left';
  END IF;
  RETURN kept;
END $$;

-- app.walls_join | caller: functions | right: none of its own | test: tests/security/test_walls_meet.py
-- Two matters become one: whoever was kept out of one has nothing of the other any more.
CREATE FUNCTION app.walls_join(of_request uuid, other uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  kept uuid[] := app.walls_meet(of_request, other);
  whole uuid[];
BEGIN
  IF kept = '{}' THEN RETURN; END IF;
  whole := ARRAY(SELECT app.same_matter(of_request) UNION SELECT app.same_matter(other));
  UPDATE cases_helprequest r SET assignee_id = CASE WHEN NOT r.assignee_id = ANY (kept) THEN r.assignee_id END,
         taken_at = CASE WHEN r.taken_by_id = ANY (kept) THEN NULL ELSE r.taken_at END,
         taken_by_id = CASE WHEN NOT r.taken_by_id = ANY (kept) THEN r.taken_by_id END
   WHERE r.id = ANY (whole) AND r.id <> of_request AND r.state <> 'accepted' AND (r.assignee_id = ANY (kept) OR r.taken_by_id = ANY (kept));
  UPDATE cases_contactattempt a SET ended_at = clock_timestamp()
   WHERE a.request_id = ANY (whole) AND a.begun_by_id = ANY (kept) AND a.ended_at IS NULL;
  DELETE FROM cases_notice n WHERE n.user_id = ANY (kept) AND (n.request_id = ANY (whole) OR n.case_id = ANY (whole));
  PERFORM app.moves_end(whole, kept);
  PERFORM app.sessions_end(k.person) FROM unnest(kept) AS k (person)
    WHERE EXISTS (SELECT 1 FROM accounts_teammember m JOIN cases_helprequest r ON r.team_id = m.team_id
                   WHERE r.id = ANY (whole) AND m.user_id = k.person);
END $$;

-- app.other_holder | caller: functions | right: none | test: tests/security/test_walls.py
-- Somebody who holds every key of a case and is not that person: the lead before a backup; nobody is NULL.
CREATE FUNCTION app.other_holder(wanted uuid, besides uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT a.user_id FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
   WHERE a.case_id = wanted AND a.state = 'live' AND a.role IN ('lead', 'backup') AND a.user_id <> besides
     AND app.keys_complete(wanted, a.user_id, a.role, 'live')
   ORDER BY a.role = 'lead' DESC, a.live_at LIMIT 1
$$;

-- app.wall_is_plain | caller: functions | right: none | test: tests/security/test_walls.py
CREATE FUNCTION app.wall_is_plain(person uuid, why text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT person <> app.uid() AND why ~ '^[a-z_]{1,12}$' AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = person)
$$;

-- app.walls_first | caller: web (a caseworker who logs a request) | right: before the request is there, in one transaction with it; never against herself | test: tests/security/test_request_walls.py
-- The first alert goes out as a request is inserted: whoever must not see it is known before. Without the request the
-- foreign key undoes this at the end of the transaction.
CREATE FUNCTION app.walls_first(wanted uuid, wanted_team uuid, ids uuid[], people uuid[], why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF NOT app.has_role('caseworker') OR EXISTS (SELECT 1 FROM cases_helprequest r WHERE r.id = wanted)
     OR cardinality(ids) <> cardinality(people)
     OR EXISTS (SELECT 1 FROM unnest(people) p WHERE NOT app.wall_is_plain(p, why)) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  IF NOT app.team_sees(wanted_team, people) THEN RAISE EXCEPTION 'nobody_left'; END IF;
  INSERT INTO cases_wall (id, request_id, user_id, reason, set_at, set_by_id)
  SELECT n.id, wanted, n.person, why, clock_timestamp(), app.uid() FROM unnest(ids, people) AS n (id, person);
END $$;

-- app.team_sees | caller: functions | right: none | test: tests/security/test_request_walls.py
-- Whether an active member of a team is left besides these people.
CREATE FUNCTION app.team_sees(wanted_team uuid, besides uuid[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM accounts_teammember m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
                  WHERE m.team_id = wanted_team AND NOT m.user_id = ANY (besides))
$$;

-- app.somebody_sees | caller: trigger on cases_helprequest | right: none | test: tests/security/test_request_walls.py
-- A request that nobody may open is a request that is lost.
CREATE FUNCTION app.somebody_sees() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept uuid[];
BEGIN
  SELECT array_agg(w.user_id) INTO kept FROM cases_wall w
   WHERE coalesce(w.case_id, w.request_id) IN (SELECT app.same_matter(NEW.id)) AND w.lifted_at IS NULL;
  IF kept IS NOT NULL AND NOT app.team_sees(NEW.team_id, kept) THEN RAISE EXCEPTION 'nobody_left'; END IF;
  RETURN NULL;
END $$;

-- app.wall_request_set | caller: web (a member of the request's team) | right: an open request she sees; not herself; somebody of the team is left | test: tests/security/test_request_walls.py
-- Answers whether it is new: the same again changes nothing.
CREATE FUNCTION app.wall_request_set(wall uuid, wanted uuid, person uuid, why text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT r.id, r.team_id INTO hit FROM cases_helprequest r
   WHERE r.id = wanted AND r.state <> 'accepted' AND app.may_get_request(app.uid(), r.id) FOR UPDATE;
  IF NOT FOUND OR NOT app.wall_is_plain(person, why) THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF app.is_walled(person, wanted) THEN RETURN false; END IF;
  IF app.on_the_case(person, wanted) THEN RAISE EXCEPTION 'wall_first'; END IF;
  IF NOT app.team_sees(hit.team_id, ARRAY(SELECT w.user_id FROM cases_wall w
       WHERE coalesce(w.case_id, w.request_id) IN (SELECT app.same_matter(wanted)) AND w.lifted_at IS NULL) || person) THEN
    RAISE EXCEPTION 'nobody_left';
  END IF;
  INSERT INTO cases_wall (id, request_id, user_id, reason, set_at, set_by_id)
  VALUES (wall, wanted, person, why, clock_timestamp(), app.uid());
  UPDATE cases_helprequest r SET assignee_id = CASE WHEN r.assignee_id <> person THEN r.assignee_id END,
         taken_at = CASE WHEN r.taken_by_id = person THEN NULL ELSE r.taken_at END,
         taken_by_id = CASE WHEN r.taken_by_id <> person THEN r.taken_by_id END
   WHERE r.id = wanted AND person IN (r.assignee_id, r.taken_by_id);
  UPDATE cases_contactattempt a SET ended_at = clock_timestamp() WHERE a.request_id = wanted AND a.begun_by_id = person AND a.ended_at IS NULL;
  DELETE FROM cases_notice n WHERE n.user_id = person AND n.request_id = wanted;
  IF EXISTS (SELECT 1 FROM accounts_teammember m WHERE m.team_id = hit.team_id AND m.user_id = person) THEN
    PERFORM app.sessions_end(person);
  END IF;
  RETURN true;
END $$;

-- app.wall_request_lift | caller: web (a member of the request's team) | right: a wall on a request she sees that is no case yet; another member than who asked, to lift it with her second factor within five minutes | test: tests/security/test_request_walls.py
-- The first asks, another one lifts. Answers whether it is lifted.
CREATE FUNCTION app.wall_request_lift(wall uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT w.id, w.lift_asked_by_id INTO hit FROM cases_wall w JOIN cases_helprequest r ON r.id = w.request_id
   WHERE w.id = wall AND w.lifted_at IS NULL AND NOT app.is_of_a_case(r.id) AND app.may_get_request(app.uid(), r.id) FOR UPDATE OF w;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF hit.lift_asked_by_id IS NULL THEN
    UPDATE cases_wall w SET lift_asked_at = clock_timestamp(), lift_asked_by_id = app.uid() WHERE w.id = wall;
  ELSIF hit.lift_asked_by_id <> app.uid() THEN
    IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
    UPDATE cases_wall w SET lifted_at = clock_timestamp(), lifted_by_id = app.uid() WHERE w.id = wall;
    RETURN true;
  END IF;
  RETURN false;
END $$;

-- app.request_walls_asked | caller: web | right: as app.wall_request_lift; what another member of the team asked | test: tests/security/test_request_walls.py
-- Walls on requests that she may lift now, for her desk.
CREATE FUNCTION app.request_walls_asked() RETURNS TABLE (id uuid, code text, asked_at timestamptz, asked_by text) LANGUAGE sql STABLE AS $$
  SELECT w.id, r.code::text, w.lift_asked_at, u.display_name::text
    FROM cases_wall w JOIN cases_helprequest r ON r.id = w.request_id JOIN accounts_user u ON u.id = w.lift_asked_by_id
   WHERE w.lifted_at IS NULL AND w.lift_asked_by_id <> app.uid()
     AND app.may_get_request(app.uid(), r.id) AND NOT app.is_of_a_case(r.id)
   ORDER BY w.lift_asked_at, w.id LIMIT 20
$$;

-- app.wall_case_set | caller: web (lead, backup) | right: holds share_case, her second factor within five minutes; not herself; whoever holds all keys is kept out by two (app.approval_do) | test: tests/security/test_walls.py
-- The case is locked first, as in app.assignment_answer: an offer that is accepted in the same moment is accepted before
-- this, and ended by it, or not at all. Answers whether it is new.
CREATE FUNCTION app.wall_case_set(wall uuid, wanted uuid, person uuid, why text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted FOR NO KEY UPDATE;
  IF NOT app.holds(wanted, 'share_case') OR NOT app.case_allows(wanted, 'set_wall') OR NOT app.wall_is_plain(person, why) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  IF app.is_walled(person, wanted) THEN RETURN false; END IF;
  IF NOT app.stepped_up() THEN RAISE EXCEPTION 'step_up'; END IF;
  IF EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = wanted AND a.user_id = person AND a.state = 'live'
              AND a.role IN ('lead', 'backup')) THEN
    RAISE EXCEPTION 'second_person';
  END IF;
  PERFORM app.wall_stands(wall, wanted, person, why);
  RETURN true;
END $$;

-- app.wall_stands | caller: functions | right: none of its own | test: tests/security/test_walls.py
-- The wall on a case and everything that follows. What she was to do is somebody else's now; nobody is told why.
CREATE FUNCTION app.wall_stands(wall uuid, wanted uuid, person uuid, why text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  held text[];
  was_on boolean;
BEGIN
  SELECT coalesce(array_agg(DISTINCT w.purpose), '{}') INTO held FROM vault_wrap w
   WHERE w.case_id = wanted AND w.user_id = person AND w.state IN ('live', 'offered');
  was_on := EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = wanted AND a.user_id = person AND a.state IN ('offered', 'live'));
  INSERT INTO cases_wall (id, case_id, user_id, reason, set_at, set_by_id)
  VALUES (wall, wanted, person, why, clock_timestamp(), app.uid());
  PERFORM app.approval_end(p.id, 'withdrawn') FROM cases_approval p
    WHERE p.case_id = wanted AND p.asked_by_id = person AND p.state = 'asked';
  PERFORM app.access_end(a.id, '') FROM cases_assignment a
    WHERE a.case_id = wanted AND a.user_id = person AND a.state IN ('offered', 'live');
  DELETE FROM cases_caseuserpermission p WHERE p.content_object_id = wanted AND p.user_id = person;
  DELETE FROM vault_wrap w WHERE w.case_id = wanted AND w.user_id = person AND w.state <> 'parked';
  UPDATE cases_identityopening o SET closed_at = clock_timestamp() WHERE o.case_id = wanted AND o.person_id = person AND o.closed_at IS NULL;
  UPDATE cases_contactattempt b SET ended_at = clock_timestamp() WHERE b.case_id = wanted AND b.begun_by_id = person AND b.ended_at IS NULL;
  PERFORM app.moves_end(ARRAY[wanted], ARRAY[person]);
  PERFORM app.work_falls(wanted, person);  -- also where her role ended before
  DELETE FROM cases_notice n USING cases_case c
    WHERE c.id = wanted AND n.user_id = person AND (n.case_id = c.id OR n.request_id IN (SELECT app.same_matter(c.id)));
  IF was_on THEN PERFORM app.sessions_end(person); END IF;
  PERFORM app.rotation_due(wanted, h.purpose) FROM unnest(held) AS h (purpose);
END $$;

-- app.wall_asked | caller: functions | right: holds share_case | test: tests/security/test_walls.py
-- Whether a question about a wall makes sense: a lead or backup is to be kept out, or a wall that stands is to be lifted.
-- The detail names the person and the reason.
CREATE FUNCTION app.wall_asked(p cases_approval) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT app.holds(p.case_id, 'share_case') AND p.detail ~ '^[0-9a-f-]{36}:[a-z_]{1,12}$' AND CASE p.kind
    WHEN 'set_wall' THEN app.about_whom(p) <> app.uid()
         AND EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = p.case_id AND a.user_id = app.about_whom(p)
                      AND a.state = 'live' AND a.role IN ('lead', 'backup'))
    WHEN 'lift_wall' THEN EXISTS (SELECT 1 FROM cases_wall w
         WHERE w.id = p.record_id AND p.case_id IN (SELECT app.same_matter(coalesce(w.case_id, w.request_id))) AND w.user_id = app.about_whom(p) AND w.lifted_at IS NULL)
    ELSE false END
$$;

-- app.wall_ask | caller: web | right: what app.wall_asked asks for; a case that is closed | test: tests/security/test_walls.py
-- Asks a second person about a wall on a closed case. No words: a closed case takes none, the reason is a code.
CREATE FUNCTION app.wall_ask(wanted uuid, approval uuid, what text, about uuid, said text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM cases_case c WHERE c.id = wanted AND c.state <> 'open' AND app.case_allows(c.id, 'set_wall') AND app.holds(c.id, 'share_case') FOR NO KEY UPDATE;
  IF NOT FOUND OR what NOT IN ('set_wall', 'lift_wall') THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF EXISTS (SELECT 1 FROM cases_approval p WHERE p.case_id = wanted AND p.kind = what AND p.detail = said AND p.state = 'asked') THEN
    RAISE EXCEPTION 'asked';
  END IF;
  INSERT INTO cases_approval (id, case_id, kind, record_id, detail, state, asked_at, asked_by_id)
  VALUES (approval, wanted, what, about, said, 'asked', clock_timestamp(), app.uid());
END $$;

-- app.about_whom | caller: functions | right: none | test: tests/security/test_walls.py
-- Whom a question about a wall is about; NULL for other questions.
CREATE FUNCTION app.about_whom(p cases_approval) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN p.kind IN ('set_wall', 'lift_wall') THEN split_part(p.detail, ':', 1)::uuid END
$$;

-- app.wall_do | caller: functions | right: none of its own | test: tests/security/test_walls.py
-- The act that two have agreed to; somebody who holds every key has to be left. Where the lead is kept out, whoever asked leads if she holds all keys, else the holder
-- that is left. The wall has the id of the question, so that its reason is found.
CREATE FUNCTION app.wall_do(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit cases_approval;
  person uuid;
  led boolean;
BEGIN
  SELECT a.* INTO STRICT hit FROM cases_approval a WHERE a.id = wanted;
  person := app.about_whom(hit);
  IF hit.kind = 'lift_wall' THEN
    UPDATE cases_wall w SET lifted_at = clock_timestamp(), lifted_by_id = app.uid() WHERE w.id = hit.record_id AND w.lifted_at IS NULL;
    RETURN;
  END IF;
  IF app.is_walled(person, hit.case_id) THEN RETURN; END IF;
  IF app.other_holder(hit.case_id, person) IS NULL THEN RAISE EXCEPTION 'last_holder'; END IF;
  led := EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = hit.case_id AND a.user_id = person AND a.state = 'live' AND a.role = 'lead');
  PERFORM app.wall_stands(wanted, hit.case_id, person, split_part(hit.detail, ':', 2));
  IF led THEN PERFORM app.lead_falls_to(hit.case_id, hit.asked_by_id); END IF;
END $$;

-- app.lead_falls_to | caller: functions | right: none of its own | test: tests/security/test_walls.py
-- A case whose lead was kept out is led by this backup, else by another one.
CREATE FUNCTION app.lead_falls_to(wanted uuid, first uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE next uuid;
BEGIN
  SELECT a.id INTO next FROM cases_assignment a JOIN accounts_user u ON u.id = a.user_id AND u.is_active
   WHERE a.case_id = wanted AND a.state = 'live' AND a.role = 'backup' ORDER BY a.user_id = first DESC, a.live_at LIMIT 1;
  IF next IS NULL THEN RETURN; END IF;
  UPDATE cases_assignment a SET role = 'lead' WHERE a.id = next;
  PERFORM app.people_told(next, 'led');
END $$;
