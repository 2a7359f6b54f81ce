-- Files of a case.

-- app.file_remove | caller: web | right: whoever uploaded it while she works on the case, or holds share_case | test: tests/security/test_files.py
-- Name and bytes go at once; the shell stays and says who took it out and why. The same step twice is one step.
CREATE FUNCTION app.file_remove(wanted uuid, why text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE hit record;
BEGIN
  SELECT f.case_id, f.uploaded_by_id, f.removed_at INTO hit FROM cases_casefile f WHERE f.id = wanted FOR UPDATE;
  IF NOT FOUND OR why IS NULL OR why NOT IN ('wrong_file', 'not_here', 'her_wish')
     OR NOT (app.holds(hit.case_id, 'share_case')
             OR (hit.uploaded_by_id = app.uid() AND app.holds(hit.case_id, 'change_case'))) THEN
    RAISE EXCEPTION 'not_allowed';
  END IF;
  IF hit.removed_at IS NOT NULL THEN RETURN false; END IF;
  DELETE FROM vault_chunk c WHERE c.file_id = wanted;
  DELETE FROM vault_sealed s WHERE s.case_id = hit.case_id AND s.record_id = wanted AND s.field IN ('file.name', 'file.meta');
  UPDATE cases_casefile f SET removed_at = clock_timestamp(), removed_by_id = app.uid(), removal_reason = why WHERE f.id = wanted;
  RETURN true;
END $$;
