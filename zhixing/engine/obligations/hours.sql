-- Clause 4: the tenths that count for each duty, and those over a cap.
SELECT
    sums.person_id,
    pots.rule_no,
    SUM(CASE WHEN sums.total > pots.cap_tenths THEN pots.cap_tenths ELSE sums.total END) AS counted,
    SUM(CASE WHEN sums.total > pots.cap_tenths THEN sums.total - pots.cap_tenths ELSE 0 END) AS capped
FROM (
    SELECT person_id, pot_no, CAST(SUM(tenths) AS BIGINT) AS total
    FROM entries
    GROUP BY person_id, pot_no
) AS sums
JOIN pots ON pots.pot_no = sums.pot_no
GROUP BY sums.person_id, pots.rule_no
