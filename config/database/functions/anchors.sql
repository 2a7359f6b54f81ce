-- Heads of the log, kept day by day and mailed to people outside.

-- app.anchor_take | caller: worker | right: today's head, once; addresses are those of the setting | test: tests/accounts/test_anchors.py
-- Keeps the head as it is at the first tick of a day in the organisation's zone, and queues it for each address.
CREATE FUNCTION app.anchor_take(zone text, addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE today date := (clock_timestamp() AT TIME ZONE zone)::date;
BEGIN
  INSERT INTO accounts_auditanchor (id, day, sequence, hash, made_at)
  SELECT gen_random_uuid(), today, h.sequence, h.hash, clock_timestamp() FROM accounts_audithead h WHERE h.id = 1
  ON CONFLICT (day) DO NOTHING;
  INSERT INTO accounts_anchormail (id, anchor_id, address, state, attempts)
  SELECT gen_random_uuid(), a.id, address, 'due', 0 FROM accounts_auditanchor a, unnest(addresses) address WHERE a.day = today
  ON CONFLICT (anchor_id, address) DO NOTHING;
END $$;

-- app.anchor_mail_claim | caller: worker | right: address, number and hash | test: tests/accounts/test_anchors.py
-- Claims mails with a lease, as app.mail_claim does; whatever a dead worker had claimed is claimed again under the same id.
CREATE FUNCTION app.anchor_mail_claim(size integer, lease integer)
RETURNS TABLE (id uuid, address text, sequence bigint, hash bytea) LANGUAGE sql AS $$
  UPDATE accounts_anchormail m SET state = 'sending', attempts = m.attempts + 1,
         leased_until = clock_timestamp() + make_interval(secs => lease)
    FROM accounts_auditanchor a
   WHERE a.id = m.anchor_id
     AND m.id IN (SELECT w.id FROM accounts_anchormail w
                   WHERE w.state IN ('due', 'sending') AND (w.leased_until IS NULL OR w.leased_until < clock_timestamp())
                   ORDER BY w.id LIMIT size FOR UPDATE SKIP LOCKED)
  RETURNING m.id, m.address::text, a.sequence, a.hash
$$;

-- app.anchor_mail_done | caller: worker | right: a mail it has claimed | test: tests/accounts/test_anchors.py
-- A failed try waits longer each time (1, 2, 4 … 60 minutes) and stops after ten.
CREATE FUNCTION app.anchor_mail_done(wanted uuid, sent boolean) RETURNS void LANGUAGE sql AS $$
  UPDATE accounts_anchormail m SET
    state = CASE WHEN sent THEN 'sent' WHEN m.attempts >= 10 THEN 'failed' ELSE 'due' END,
    sent_at = CASE WHEN sent THEN clock_timestamp() END,
    leased_until = CASE WHEN sent THEN NULL ELSE clock_timestamp() + make_interval(mins => least(60, power(2, m.attempts - 1)::integer)) END
   WHERE m.id = wanted AND m.state = 'sending'
$$;

-- app.audit_anchors | caller: owner (manage.py verify_audit) | right: owner | test: tests/config/test_verify_audit.py
CREATE FUNCTION app.audit_anchors() RETURNS TABLE (sequence bigint, hash bytea, day date) LANGUAGE sql STABLE AS $$
  SELECT a.sequence, a.hash, a.day FROM accounts_auditanchor a WHERE app.is_owner() ORDER BY a.day
$$;

-- app.audit_days | caller: web (coordinator, administrator) | right: heads and numbers only | test: tests/accounts/test_anchors.py
-- Each day since the first head, newest first: its head, whether the log still has that entry with that hash, to how
-- many addresses of how many organisations it went, and when. A day without a head has a row, too.
CREATE FUNCTION app.audit_days(zone text, start integer, size integer)
RETURNS TABLE (day date, sequence bigint, hash bytea, fits boolean, wanted integer, sent integer, organisations integer,
               mailed_at timestamptz) LANGUAGE sql STABLE AS $$
  SELECT d.day::date, a.sequence, a.hash,
         a.sequence = 0 OR EXISTS (SELECT 1 FROM accounts_auditevent e WHERE e.sequence = a.sequence AND e.hash = a.hash),
         count(m.id)::integer, count(m.sent_at)::integer,
         (count(DISTINCT split_part(lower(m.address), '@', 2)) FILTER (WHERE m.sent_at IS NOT NULL))::integer, min(m.sent_at)
    FROM generate_series((SELECT min(f.day) FROM accounts_auditanchor f), (clock_timestamp() AT TIME ZONE zone)::date,
                         interval '1 day') AS d (day)
    LEFT JOIN accounts_auditanchor a ON a.day = d.day::date
    LEFT JOIN accounts_anchormail m ON m.anchor_id = a.id
   WHERE app.has_role('coordinator', 'administrator')
   GROUP BY d.day, a.id ORDER BY d.day DESC OFFSET start LIMIT size
$$;

-- app.heads_missing | caller: functions | right: none | test: tests/accounts/test_anchors.py
-- On how many of the seven days before today no head went out; days before the first head do not count.
CREATE FUNCTION app.heads_missing(zone text) RETURNS integer LANGUAGE sql STABLE AS $$
  WITH today AS (SELECT (clock_timestamp() AT TIME ZONE zone)::date AS day)
  SELECT count(*)::integer FROM today, generate_series(today.day - 7, today.day - 1, interval '1 day') AS d (day)
   WHERE d.day >= (SELECT min(a.day) FROM accounts_auditanchor a)
     AND NOT EXISTS (SELECT 1 FROM accounts_auditanchor a JOIN accounts_anchormail m ON m.anchor_id = a.id
                      WHERE a.day = d.day::date AND m.sent_at IS NOT NULL)
$$;
