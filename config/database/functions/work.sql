-- Daily work on a case: versions of texts, the history of changes, risk, the flag of a minor.

-- app.text_revised | caller: trigger on vault_sealed | right: the writer's own case or request | test: tests/security/test_revisions.py
-- A text is never overwritten: the next revision takes the place of the current one. Whoever wrote on an older one
-- meets the unique constraint; a record of another case is never touched, nor its next revision taken from elsewhere.
CREATE FUNCTION app.text_revised() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM vault_sealed s WHERE s.record_id = NEW.record_id
              AND (s.case_id, s.request_id) IS DISTINCT FROM (NEW.case_id, NEW.request_id)) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  NEW.current := true;
  IF NEW.revision > 1 THEN
    UPDATE vault_sealed s SET current = false
     WHERE s.record_id = NEW.record_id AND s.field = NEW.field AND s.current AND s.revision = NEW.revision - 1
       AND s.case_id IS NOT DISTINCT FROM NEW.case_id AND s.request_id IS NOT DISTINCT FROM NEW.request_id
       AND s.purpose = NEW.purpose;
  END IF;
  RETURN NEW;
END $$;

-- app.case_changed | caller: trigger on cases_case | right: none | test: tests/cases/test_history.py
-- The full history of a case: every change of a coded fact is a line of the timeline, codes only; of a protected case
-- no value of a fact that is sealed.
CREATE FUNCTION app.case_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb := to_jsonb(OLD);
  has jsonb := to_jsonb(NEW);
  name text;
BEGIN
  FOREACH name IN ARRAY '{state,stage,risk,minor,compartment,person_category,age_band,gender,language,on_duty_may_call,offence_learned_on,suspect_learned_on,next_review_on}'::text[] LOOP
    CONTINUE WHEN name IN ('person_category', 'age_band', 'gender') AND 'protected' IN (OLD.compartment, NEW.compartment);
    IF was -> name IS DISTINCT FROM has -> name THEN
      INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
      VALUES (gen_random_uuid(), NEW.id, CASE name WHEN 'state' THEN 'state' WHEN 'risk' THEN 'risk' ELSE 'change' END, NULL,
              name || ':' || coalesce(was ->> name, '') || '>' || coalesce(has ->> name, ''), clock_timestamp(), app.uid());
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- app.incident_changed | caller: trigger on cases_incident, cases_lettertemplate | right: in her own name only | test: tests/security/test_work_records.py
CREATE FUNCTION app.incident_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.changed_by_id IS DISTINCT FROM app.uid() THEN RAISE EXCEPTION 'not_allowed'; END IF;
  RETURN NEW;
END $$;

-- app.outcomes_told | caller: trigger on cases_incident | right: none of its own | test: tests/cases/test_outcomes.py
-- What came of an incident is a line of the timeline, each code of its own, whoever writes it.
CREATE FUNCTION app.outcomes_told() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE was text[] := '{}';
BEGIN
  IF TG_OP = 'UPDATE' THEN was := OLD.outcomes::text[]; END IF;
  INSERT INTO cases_timelineentry (id, case_id, kind, record_id, detail, at, by_id)
  SELECT gen_random_uuid(), NEW.case_id, 'incident', NULL, told.act || ':' || told.code, clock_timestamp(), app.uid()
    FROM (SELECT 'outcome' AS act, unnest(NEW.outcomes::text[]) AS code EXCEPT SELECT 'outcome', unnest(was)
          UNION ALL
          (SELECT 'outcome_off', unnest(was) EXCEPT SELECT 'outcome_off', unnest(NEW.outcomes::text[]))) told;
  RETURN NULL;
END $$;

-- app.risk_order | caller: functions | right: none | test: tests/security/test_second_person.py
CREATE FUNCTION app.risk_order(level text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE level WHEN 'immediate' THEN 4 WHEN 'high' THEN 3 WHEN 'elevated' THEN 2 WHEN 'standard' THEN 1 ELSE 0 END
$$;

-- app.risk_is_lower | caller: functions | right: none | test: tests/security/test_second_person.py
-- The rule of cases/knowledge/risk.py: a first rating is no lowering, and taking a rating back always is one.
CREATE FUNCTION app.risk_is_lower(old text, new text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT app.risk_order(new) < app.risk_order(old)
$$;

-- app.risk_assessed | caller: trigger on cases_riskassessment | right: whoever works on the case | test: tests/security/test_second_person.py
-- A first rating and a higher one count at once. A lower one counts when a second person agrees. What was rated never
-- becomes unrated: there is no such rating, whoever agrees. When the risk becomes immediate, lead, backup and supervisor
-- are told in the same transaction, at once; at every attempt that is under way, and where nobody of them is there, those
-- of app.attempt_reached.
CREATE FUNCTION app.risk_assessed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  known text;
  person uuid;
BEGIN
  SELECT c.risk INTO known FROM cases_case c WHERE c.id = NEW.case_id FOR NO KEY UPDATE;
  IF NEW.level = 'unknown' AND known <> 'unknown' THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF app.risk_is_lower(known, NEW.level) THEN RETURN NULL; END IF;
  UPDATE cases_riskassessment r SET counts = true WHERE r.id = NEW.id;
  UPDATE cases_case c SET risk = NEW.level, reassess_at = NEW.reassess_at WHERE c.id = NEW.case_id;
  IF NEW.attempt THEN
    PERFORM app.attempt_tell(NEW.case_id, 'attempt');
  ELSIF NEW.level = 'immediate' AND known <> 'immediate' AND app.nobody_there(NEW.case_id) THEN
    PERFORM app.attempt_tell(NEW.case_id, 'risk');
  ELSIF NEW.level = 'immediate' AND known <> 'immediate' THEN
    FOR person IN SELECT p.user_id FROM app.able_people(NEW.case_id) p JOIN cases_assignment a ON a.case_id = NEW.case_id
                   AND a.user_id = p.user_id AND a.state = 'live' AND a.role IN ('lead', 'backup', 'supervisor')
                   WHERE p.user_id <> NEW.assessed_by_id LOOP
      INSERT INTO cases_notice (id, user_id, kind, case_id, created_at)
      VALUES (gen_random_uuid(), person, 'risk', NEW.case_id, clock_timestamp());
      PERFORM app.mail_wanted(person, true, true);
    END LOOP;
  END IF;
  RETURN NULL;
END $$;

-- app.case_minor_set | caller: web | right: whoever works on the case; taking it back needs a second person | test: tests/security/test_second_person.py
-- Somebody under 18, or an answer to the open question. "Now" and "in the material" are only taken back by an approval.
CREATE FUNCTION app.case_minor_set(wanted uuid, flag text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE known text;
BEGIN
  SELECT c.minor INTO known FROM cases_case c WHERE c.id = wanted AND c.state = 'open' AND app.holds(c.id, 'change_case') FOR NO KEY UPDATE;
  IF NOT FOUND OR flag NOT IN ('no', 'now', 'material', 'unknown') THEN RAISE EXCEPTION 'not_allowed'; END IF;
  IF known IN ('now', 'material') AND flag NOT IN ('now', 'material') THEN RAISE EXCEPTION 'second_person'; END IF;
  UPDATE cases_case c SET minor = flag WHERE c.id = wanted;
END $$;

-- app.minor_by_age | caller: trigger on cases_case | right: none of its own | test: tests/security/test_minor_by_age.py
-- An age under 18 marks the case in the same step, whoever writes it. The mark is taken back by two, not by another age.
-- Of a protected case the age is sealed: there cases/services/facts.py marks it.
CREATE FUNCTION app.minor_by_age() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.age_band IN ('under_14', 'from_14') AND NEW.minor NOT IN ('now', 'material')
     AND (TG_OP = 'INSERT' OR NEW.age_band <> OLD.age_band) THEN
    NEW.minor := 'now';
  END IF;
  RETURN NEW;
END $$;

-- app.minor_by_incident | caller: trigger on cases_incident | right: none of its own | test: tests/security/test_minor_by_age.py
-- An image made of somebody under 18 marks the case in the same step, whoever writes it. What says so already stays.
CREATE FUNCTION app.minor_by_incident() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.age_at_capture = 'under_18' AND (TG_OP = 'INSERT' OR NEW.age_at_capture <> OLD.age_at_capture) THEN
    UPDATE cases_case c SET minor = 'material' WHERE c.id = NEW.case_id AND c.minor NOT IN ('now', 'material');
  END IF;
  RETURN NULL;
END $$;

-- app.own_name_only | caller: trigger on cases_casecheck, cases_casejurisdiction, cases_caselink, cases_dutyshift, cases_identityentry | right: in her own name only | test: tests/security/test_work_records.py
-- Whoever settles a line of the checklist, takes a country or a link away, or cancels a shift is the one who stands there.
CREATE FUNCTION app.own_name_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb := CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD) ELSE '{}'::jsonb END;
  has jsonb := to_jsonb(NEW);
  name text;
BEGIN
  FOREACH name IN ARRAY '{settled_by_id,removed_by_id,cancelled_by_id}'::text[] LOOP
    IF has ->> name IS NOT NULL AND has ->> name IS DISTINCT FROM was ->> name AND (has ->> name)::uuid <> app.uid() THEN
      RAISE EXCEPTION 'not_allowed';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
