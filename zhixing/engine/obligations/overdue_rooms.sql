-- How many tenths each capped channel of an overdue duty can still add, in the order of the rule's channels.
SELECT
    CAST(standings.person_id AS BIGINT) AS person_id,
    standings.rule_no,
    GREATEST(pots.cap_tenths - COALESCE(sums.total, 0), 0) AS room
FROM standings
JOIN pots ON pots.rule_no = standings.rule_no
LEFT JOIN (
    SELECT person_id, pot_no, CAST(SUM(tenths) AS BIGINT) AS total
    FROM entries
    GROUP BY person_id, pot_no
) AS sums ON sums.person_id = standings.person_id AND sums.pot_no = pots.pot_no
WHERE standings.state_no = 2 AND pots.cap_tenths IS NOT NULL
ORDER BY standings.person_id, standings.rule_no, pots.pot_no
