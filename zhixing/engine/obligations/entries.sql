-- Clauses 1 and 4: the entries of the ledger that exist at the asked moment and count, each once for each duty it counts for.
-- The joins run in this order: what most entries fail, and what is quickest to ask, comes first.
SELECT credits.person_id, reaches.pot_no, credits.content, credits.tenths
FROM credits
JOIN reaches
    ON reaches.channel = credits.channel
   AND unix_date(credits.earned_on) BETWEEN reaches.first_day AND reaches.last_day
CROSS JOIN asked
JOIN duties
    ON duties.person_id = credits.person_id
   AND duties.rule_no = reaches.rule_no
   AND unix_date(credits.earned_on) BETWEEN duties.opens_day AND duties.closes_day
LEFT JOIN reversed ON reversed.entry_id = credits.entry_id
WHERE credits.reverses IS NULL
  AND credits.recorded_at <= asked.known_on
  AND reversed.entry_id IS NULL
