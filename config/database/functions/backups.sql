-- Keys of the backups: the database keeps the public half of each month only.

-- app.backup_key_add | caller: owner (manage.py backup_key) | right: owner; a month has one key | test: tests/config/test_backup.py
CREATE FUNCTION app.backup_key_add(wanted text, key bytea, print text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT app.is_owner() OR wanted !~ '^\d{4}-\d\d$' OR length(key) <> 32 THEN RAISE EXCEPTION 'not_allowed'; END IF;
  INSERT INTO accounts_backupkey (month, public_key, made_at) VALUES (wanted, key, clock_timestamp()) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM app.audit_note('backup_key_made', wanted, print);
  RETURN true;
END $$;
