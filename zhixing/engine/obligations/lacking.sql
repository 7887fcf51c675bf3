-- The most that any one minimum of a duty lacks: each is a fraction, rounded up where it is positive.
SELECT
    person_id,
    rule_no,
    MAX(CAST((above + divisor - 1 - MOD(above + divisor - 1, divisor)) / divisor AS BIGINT)) AS tenths
FROM (
    SELECT person_id, rule_no, divisor, GREATEST(above, 0) AS above
    FROM held_against
) AS fractions
GROUP BY person_id, rule_no
