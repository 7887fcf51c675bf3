-- Clause 1: the entries that an existing entry names, whoever's they are; a reversal stays in force although it is itself reversed.
SELECT DISTINCT credits.reverses AS entry_id
FROM credits
CROSS JOIN asked
WHERE credits.reverses IS NOT NULL AND credits.recorded_at <= asked.known_on
