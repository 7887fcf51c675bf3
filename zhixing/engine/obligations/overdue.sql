-- The duties that nobody can meet any more, with what each has and lacks.
SELECT
    CAST(person_id AS BIGINT) AS person_id,
    code AS rule,
    rule_no,
    date_from_unix_date(opens_day) AS window_opens,
    date_from_unix_date(closes_day) AS window_closes,
    CAST(required AS INTEGER) AS required_tenths,
    CAST(counted AS INTEGER) AS counted_tenths,
    CAST(missing AS INTEGER) AS missing_tenths
FROM standings
WHERE state = 'overdue'
ORDER BY person_id, code
