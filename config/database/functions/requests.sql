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

-- app.request_step | caller: functions | right: none | test: tests/cases/test_states.py
-- Whether a request may go from one state to another: the same steps as in cases/states.py.
CREATE FUNCTION app.request_step(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT old = new
      OR CASE WHEN old IN ('new', 'acknowledged', 'awaiting_person', 'waiting')
              THEN new IN ('awaiting_person', 'waiting', 'accepted', 'information_given', 'referred_out', 'not_eligible',
                           'spam', 'withdrawn', 'duplicate') OR (new = 'acknowledged' AND old <> 'acknowledged')
              WHEN old = 'accepted' THEN false
              ELSE new = 'new' END
$$;

-- app.request_changed | caller: trigger on cases_helprequest | right: in her own name only; accepted only when filed anew, and for good; given to her team only; corrected while it is open; risk, minor and clock never eased | test: tests/security/test_requests.py
CREATE FUNCTION app.request_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A new pair of its team moves it along, accepted or not.
  IF (OLD.state = 'accepted' AND to_jsonb(NEW) - 'team_id' IS DISTINCT FROM to_jsonb(OLD) - 'team_id')
     OR NOT app.request_step(OLD.state, NEW.state)
     OR (NEW.acknowledged_by_id IS DISTINCT FROM OLD.acknowledged_by_id AND NEW.acknowledged_by_id <> app.uid())
     OR (NEW.taken_by_id IS DISTINCT FROM OLD.taken_by_id AND NEW.taken_by_id <> app.uid())
     OR (NEW.ended_by_id IS DISTINCT FROM OLD.ended_by_id AND NEW.ended_by_id <> app.uid())
     OR (NEW.referral_answered_by_id IS DISTINCT FROM OLD.referral_answered_by_id AND NEW.referral_answered_by_id <> app.uid())
     OR (NEW.referral_answer <> '' AND NEW.state <> 'referred_out')
     OR (NEW.referral_answer <> OLD.referral_answer AND NEW.referral_answer <> '' AND NEW.referral_answered_by_id IS DISTINCT FROM app.uid())
     OR (NEW.state = 'accepted' AND (NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.request_id = NEW.id)
                                     OR EXISTS (SELECT 1 FROM vault_sealed s WHERE s.request_id = NEW.id)))
     OR (OLD.ended_at IS NOT NULL AND (NEW.about, NEW.language, NEW.offence_learned_on, NEW.suspect_learned_on)
         IS DISTINCT FROM (OLD.about, OLD.language, OLD.offence_learned_on, OLD.suspect_learned_on)) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  -- Waiting would silence the alerts of an urgent one: she has an answer first.
  IF NEW.state IN ('awaiting_person', 'waiting') AND app.unanswered(OLD) THEN RAISE EXCEPTION 'acknowledge_first'; END IF;
  IF NEW.assignee_id <> coalesce(OLD.assignee_id, gen_random_uuid()) AND NOT app.may_get_request(NEW.assignee_id, NEW.id) THEN
    RAISE EXCEPTION 'not_on_the_team';
  END IF;
  IF NEW.duplicate_of_id <> coalesce(OLD.duplicate_of_id, gen_random_uuid())
     AND (NEW.duplicate_of_id = ANY (app.same_requests(NEW.id)) OR NOT app.may_be_the_same(NEW.duplicate_of_id)) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  IF NEW.duplicate_of_id <> coalesce(OLD.duplicate_of_id, gen_random_uuid()) THEN
    PERFORM app.walls_join(NEW.id, NEW.duplicate_of_id);
    IF app.is_walled(NEW.assignee_id, NEW.duplicate_of_id) THEN NEW.assignee_id := NULL; END IF;
  END IF;
  -- Easing needs a second person, and a request has none: it is eased on the case.
  IF app.risk_order(NEW.risk) < app.risk_order(OLD.risk) OR NEW.respond_by > OLD.respond_by
     OR (OLD.minor IN ('now', 'material') AND NEW.minor NOT IN ('now', 'material'))
     OR (OLD.protected AND NOT NEW.protected) OR (OLD.in_danger_now AND NOT NEW.in_danger_now) OR (OLD.thinks_of_ending_life AND NOT NEW.thinks_of_ending_life) THEN
    RAISE EXCEPTION 'second_person';
  END IF;
  IF NEW.ended_at IS NULL THEN  -- opened again: nobody has named it for erasure any more
    NEW.erase_asked_at := NULL;
    NEW.erase_asked_by_id := NULL;
  END IF;
  IF OLD.erase_asked_by_id IS NOT NULL AND NEW.erase_asked_by_id IS NULL AND OLD.erase_asked_by_id IS DISTINCT FROM app.uid() THEN
    PERFORM app.ended_told(OLD.erase_asked_by_id, OLD.id, CASE WHEN NEW.ended_at IS NULL THEN 'reopened' ELSE 'kept' END, NULL);
  END IF;
  RETURN NEW;
END $$;
