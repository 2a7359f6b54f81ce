-- Work that moves: the lead handed over, time that is over, and what a coordinator asks for.

-- app.move_noticed | caller: functions | right: none of its own | test: tests/security/test_moves.py
-- A line on the desk of lead and backup, and the constant mail; not of whoever did it. `wish`: the wish it tells of. Such a
-- line goes with its wish; what else has changed on the case keeps a line of its own.
CREATE FUNCTION app.move_noticed(wanted_case uuid, wish uuid DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE person uuid;
BEGIN
  FOR person IN SELECT a.user_id FROM cases_assignment a
                 WHERE a.case_id = wanted_case AND a.state = 'live' AND a.role IN ('lead', 'backup')
                   AND a.user_id IS DISTINCT FROM app.uid() AND NOT app.is_walled(a.user_id, wanted_case)
                 ORDER BY a.user_id LOOP
    INSERT INTO cases_notice (id, user_id, kind, case_id, detail, created_at)
    SELECT gen_random_uuid(), person, 'move', wanted_case, wish::text, clock_timestamp()
     WHERE NOT EXISTS (SELECT 1 FROM cases_notice n WHERE n.user_id = person AND n.case_id = wanted_case
                        AND n.kind = 'move' AND n.detail IS NOT DISTINCT FROM wish::text AND n.acknowledged_at IS NULL);
    PERFORM app.mail_wanted(person, false);
  END LOOP;
END $$;

-- app.lead_hand_over | caller: web (the lead) | right: to a live backup who holds all keys; the roles change places | test: tests/security/test_moves.py
CREATE FUNCTION app.lead_hand_over(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  hit record;
  own record;
BEGIN
  PERFORM app.case_lock(wanted);
  SELECT a.case_id, a.user_id, a.role INTO hit FROM cases_assignment a WHERE a.id = wanted AND a.state = 'live' FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  SELECT a.id, a.role INTO own FROM cases_assignment a
   WHERE a.case_id = hit.case_id AND a.user_id = app.uid() AND a.state = 'live' AND app.holds(a.case_id, 'share_case')
     AND app.case_allows(a.case_id, 'offer_assignment') FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF own.role = 'backup' AND hit.role = 'lead' THEN RETURN; END IF;  -- a second click
  IF own.role <> 'lead' THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF hit.role <> 'backup' THEN RAISE EXCEPTION 'not_backup'; END IF;
  IF NOT app.may_take_role(hit.user_id, 'lead') OR app.is_walled(hit.user_id, hit.case_id) THEN RAISE EXCEPTION 'role_does_not_fit'; END IF;
  IF NOT app.keys_complete(hit.case_id, hit.user_id, 'lead', 'live') THEN RAISE EXCEPTION 'keys_missing'; END IF;
  UPDATE cases_assignment a SET role = 'backup' WHERE a.id = own.id;
  UPDATE cases_assignment a SET role = 'lead' WHERE a.id = wanted;
  PERFORM app.people_told(wanted, 'given');
  -- Her line says that she leads now; it takes the place of what stood there about the same, and of what app.move_noticed writes.
  UPDATE cases_notice n SET acknowledged_at = clock_timestamp()
   WHERE n.user_id = hit.user_id AND n.case_id = hit.case_id AND n.kind = 'move' AND n.acknowledged_at IS NULL;
  INSERT INTO cases_notice (id, user_id, kind, case_id, assignment_id, created_at)
  VALUES (gen_random_uuid(), hit.user_id, 'move', hit.case_id, wanted, clock_timestamp());
  PERFORM app.move_noticed(hit.case_id);
END $$;

-- app.assignment_until | caller: web (holds share_case) | right: a role that is offered or live; never lead and backup | test: tests/security/test_moves.py
-- How long somebody's access lasts; NULL is without an end.
CREATE FUNCTION app.assignment_until(wanted uuid, day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM app.case_lock(wanted);
  UPDATE cases_assignment a SET until_on = day
   WHERE a.id = wanted AND a.state IN ('offered', 'live') AND a.role NOT IN ('lead', 'backup') AND app.holds(a.case_id, 'share_case')
     AND app.case_allows(a.case_id, 'offer_assignment');
  IF NOT FOUND THEN RAISE EXCEPTION 'not_allowed'; END IF;
  PERFORM app.people_told(wanted, 'until');
END $$;

-- app.access_expire | caller: worker | right: roles whose last day is over, never lead and backup | test: tests/security/test_moves.py
CREATE FUNCTION app.access_expire(zone text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  wanted uuid;
  ended integer := 0;
BEGIN
  FOR wanted IN SELECT a.id FROM cases_assignment a
                 WHERE a.until_on < (clock_timestamp() AT TIME ZONE zone)::date AND a.state IN ('offered', 'live')
                   AND a.role NOT IN ('lead', 'backup') ORDER BY a.case_id, a.id LOOP
    PERFORM app.access_end(wanted, 'time_over');
    PERFORM app.audit_note('assignment_ended', wanted::text, 'time_over');
    ended := ended + 1;
  END LOOP;
  RETURN ended;
END $$;

-- app.move_case | caller: functions | right: a coordinator's own sight of the board | test: tests/security/test_moves.py
-- The open case of that code, if a coordinator may name it. Protected and walled ones are like codes that do not exist.
CREATE FUNCTION app.move_case(wanted text) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT c.id FROM cases_case c
   WHERE c.code = wanted AND c.state = 'open' AND c.compartment = 'standard' AND app.has_role('coordinator')
     AND NOT app.is_walled(app.uid(), c.id)
$$;

-- app.move_about | caller: web (coordinator) | right: what the board shows of one case | test: tests/security/test_moves.py
CREATE FUNCTION app.move_about(wanted text)
RETURNS TABLE (code text, stage text, risk text, language text, lead uuid, held_by text, asked boolean)
LANGUAGE sql STABLE AS $$
  SELECT c.code, c.stage, c.risk, c.language, u.id, coalesce(u.display_name, ''),
         EXISTS (SELECT 1 FROM cases_moverequest m WHERE m.case_id = c.id AND m.state = 'open')
    FROM cases_case c
    LEFT JOIN cases_assignment a ON a.case_id = c.id AND a.state = 'live' AND a.role = 'lead'
    LEFT JOIN accounts_user u ON u.id = a.user_id
   WHERE c.id = app.move_case(wanted)
$$;

-- app.move_refusal | caller: functions | right: none | test: tests/security/test_moves.py
-- Why a wish is refused: only for what a coordinator sees on her own pages (roles of accounts, keys, who leads, that
-- something is asked already), and that there is nothing to ask for, because she has that very role. What she must not learn, a wall above all, refuses nothing: lead or backup says no.
CREATE FUNCTION app.move_refusal(wanted_case uuid, person uuid, case_role text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN NOT app.may_take_role(person, case_role) THEN 'role_does_not_fit'
    WHEN NOT app.vouched(person) THEN 'not_vouched'
    WHEN EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = wanted_case AND a.user_id = person
                  AND a.state = 'live' AND a.role = 'lead') THEN 'leads_already'
    WHEN EXISTS (SELECT 1 FROM cases_assignment a WHERE a.case_id = wanted_case AND a.user_id = person
                  AND a.state IN ('offered', 'live') AND a.role = case_role) THEN 'has_role'
    WHEN EXISTS (SELECT 1 FROM cases_moverequest m WHERE m.case_id = wanted_case AND m.state = 'open') THEN 'asked_already'
  END
$$;

-- app.move_ask | caller: web (coordinator) | right: a case of her board; somebody with a confirmed key whose account fits and who does not lead it or have that role; one open wish a case | test: tests/security/test_moves.py
-- Asks lead and backup to let work move. The same wish twice is one. Somebody who must not see the case is answered like
-- everybody else: the wish is taken, and whoever shares the case declines it.
CREATE FUNCTION app.move_ask(wanted text, person uuid, case_role text, why text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
  hit uuid := app.move_case(wanted);
  made uuid := gen_random_uuid();
  refused text;
BEGIN
  IF hit IS NULL THEN RAISE EXCEPTION 'not_found'; END IF;
  IF EXISTS (SELECT 1 FROM cases_moverequest m WHERE m.case_id = hit AND m.person_id = person AND m.role = case_role
              AND m.asked_by_id = app.uid() AND m.state = 'open') THEN
    RETURN NULL;
  END IF;
  IF case_role NOT IN ('lead', 'backup', 'supervisor', 'caseworker', 'lawyer', 'interpreter')
     OR why NOT IN ('overloaded', 'away', 'overdue', 'language', 'other') THEN
    RAISE EXCEPTION 'role_does_not_fit';
  END IF;
  PERFORM app.people_lock(ARRAY[person]);  -- she may be leaving
  refused := app.move_refusal(hit, person, case_role);
  IF refused IS NOT NULL THEN RAISE EXCEPTION '%', refused; END IF;
  INSERT INTO cases_moverequest (id, case_id, person_id, role, reason, state, asked_at, asked_by_id)
  VALUES (made, hit, person, case_role, why, 'open', clock_timestamp(), app.uid()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RAISE EXCEPTION 'asked_already'; END IF;  -- two coordinators at once
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  VALUES (gen_random_uuid(), hit, 'people', made, 'move:' || case_role, clock_timestamp(), app.uid());
  PERFORM app.move_noticed(hit, made);
  RETURN made;
END $$;

-- app.move_back | caller: web (coordinator) | right: her own wish, on a case of her board, until it is answered | test: tests/security/test_moves.py
-- Takes it back. What it wrote on the desks of lead and backup goes with it. A second click changes nothing.
CREATE FUNCTION app.move_back(wanted_code text, wanted uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT m.id, m.case_id, m.role, m.state INTO hit FROM cases_moverequest m
   WHERE m.id = wanted AND m.asked_by_id = app.uid() AND m.case_id = app.move_case(wanted_code) FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'not_found'; END IF;
  IF hit.state = 'back' THEN RETURN false; END IF;
  IF hit.state <> 'open' THEN RAISE EXCEPTION 'answered'; END IF;
  UPDATE cases_moverequest m SET state = 'back', answered_at = clock_timestamp(), answered_by_id = app.uid() WHERE m.id = hit.id;
  UPDATE cases_notice n SET acknowledged_at = clock_timestamp()
   WHERE n.case_id = hit.case_id AND n.kind = 'move' AND n.detail = hit.id::text AND n.acknowledged_at IS NULL;
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  VALUES (gen_random_uuid(), hit.case_id, 'people', hit.id, 'move_back:' || hit.role, clock_timestamp(), app.uid());
  RETURN true;
END $$;

-- app.moves_walled | caller: web (holds share_case) | right: wishes on cases she shares, about somebody who must not see them | test: tests/security/test_moves.py
CREATE FUNCTION app.moves_walled() RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
  SELECT m.id FROM cases_moverequest m
   WHERE m.state = 'open' AND app.holds(m.case_id, 'share_case') AND app.is_walled(m.person_id, m.case_id)
$$;

-- app.my_moves | caller: web (coordinator) | right: own wishes about cases of her board, those of 30 days and open ones | test: tests/security/test_moves.py
CREATE FUNCTION app.my_moves()
RETURNS TABLE (id uuid, code text, person text, role text, reason text, state text, asked_at timestamptz, answered_at timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT m.id, c.code, u.display_name, m.role, m.reason, m.state, m.asked_at, m.answered_at
    FROM cases_moverequest m JOIN cases_case c ON c.id = m.case_id JOIN accounts_user u ON u.id = m.person_id
   WHERE m.asked_by_id = app.uid() AND app.has_role('coordinator') AND c.compartment = 'standard'
     AND NOT c.id = ANY ((SELECT app.walled())::uuid[])
     AND (m.state = 'open' OR m.answered_at > clock_timestamp() - interval '30 days')
   ORDER BY m.asked_at DESC LIMIT 50
$$;

-- app.moves_left | caller: trigger on accounts_user | right: by itself, when somebody whom a wish names leaves | test: tests/security/test_moves.py
-- Nobody can do what is asked any more: the wish ends with its reason, and lead and backup are told.
CREATE FUNCTION app.moves_left() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  FOR hit IN UPDATE cases_moverequest m
                SET state = 'left', answered_at = clock_timestamp(), answered_by_id = app.uid()
              WHERE m.person_id = NEW.id AND m.state = 'open' AND NOT NEW.is_active
          RETURNING m.id, m.case_id, m.role LOOP
    INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
    VALUES (gen_random_uuid(), hit.case_id, 'people', hit.id, 'move_off:' || hit.role, clock_timestamp(), app.uid());
    PERFORM app.move_noticed(hit.case_id, hit.id);
  END LOOP;
  RETURN NULL;
END $$;

-- app.moves_end | caller: functions | right: none of its own | test: tests/security/test_moves_walled.py
-- Nobody is asked any more what these people wanted of these cases: they must not see them. Lead and backup are not asked
-- either, and nobody answers on a board on which it does not stand.
CREATE FUNCTION app.moves_end(cases uuid[], people uuid[]) RETURNS void LANGUAGE sql AS $$
  UPDATE cases_notice n SET acknowledged_at = clock_timestamp() FROM cases_moverequest m
   WHERE m.case_id = ANY (cases) AND m.asked_by_id = ANY (people) AND m.state = 'open'
     AND n.case_id = m.case_id AND n.kind = 'move' AND n.detail = m.id::text AND n.acknowledged_at IS NULL;
  UPDATE cases_moverequest m SET state = 'declined', answered_at = clock_timestamp(), answered_by_id = app.uid()
   WHERE m.case_id = ANY (cases) AND m.asked_by_id = ANY (people) AND m.state = 'open'
$$;

-- app.move_answered | caller: trigger on cases_moverequest | right: once, in her own name | test: tests/security/test_moves.py
CREATE FUNCTION app.move_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'open' OR NEW.state = 'open' OR NEW.answered_by_id IS DISTINCT FROM app.uid() THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  UPDATE cases_notice n SET acknowledged_at = clock_timestamp()
   WHERE n.case_id = NEW.case_id AND n.kind = 'move' AND n.detail = NEW.id::text AND n.acknowledged_at IS NULL
     AND n.user_id = app.uid();
  RETURN NEW;
END $$;
