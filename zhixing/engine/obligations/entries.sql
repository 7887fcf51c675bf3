-- Clauses 1 and 4: the entries of the ledger that exist at the asked moment and count, each once for each duty it counts for.
-- The joins run in this order: what most entries fail, and what is quickest to ask, comes first.
SELECT credits.person_id, rule_channels.pot_no, credits.content, credits.tenths
FROM credits
JOIN looked_at
    ON looked_at.channel = credits.channel
   AND unix_date(credits.earned_on) BETWEEN looked_at.first_day AND looked_at.last_day
CROSS JOIN asked
JOIN duties
    ON duties.person_id = credits.person_id
   AND unix_date(credits.earned_on) BETWEEN duties.opens_day AND duties.closes_day
JOIN rule_channels ON rule_channels.rule_no = duties.rule_no AND rule_channels.channel = credits.channel
LEFT JOIN reversed ON reversed.entry_id = credits.entry_id
WHERE credits.reverses IS NULL
  AND credits.recorded_at <= asked.known_on
  AND reversed.entry_id IS NULL
