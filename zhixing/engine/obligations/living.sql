-- Clauses 1 and 4: the entries of the ledger that exist at the asked moment and were earned by the asked day.
SELECT credits.person_id, credits.channel, credits.content, credits.tenths, unix_date(credits.earned_on) AS earned_day
FROM credits
CROSS JOIN asked
JOIN spans ON spans.person_id = credits.person_id
WHERE unix_date(credits.earned_on) BETWEEN spans.first_day AND spans.last_day
  AND credits.recorded_at <= asked.known_on
  AND credits.earned_on <= asked.on_date
  AND credits.reverses IS NULL
  AND NOT EXISTS (SELECT 1 FROM reversed WHERE reversed.entry_id = credits.entry_id)
