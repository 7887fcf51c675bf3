-- The duties that nobody can meet any more, with what each has and lacks.
SELECT
    CAST(standings.person_id AS BIGINT) AS person_id,
    rules.code AS rule,
    standings.rule_no,
    date_from_unix_date(standings.opens_day) AS window_opens,
    date_from_unix_date(standings.closes_day) AS window_closes,
    CAST(required AS INTEGER) AS required_tenths,
    CAST(counted AS INTEGER) AS counted_tenths,
    CAST(missing AS INTEGER) AS missing_tenths
FROM standings
JOIN rules ON rules.rule_no = standings.rule_no
WHERE standings.state_no = 2
ORDER BY standings.person_id, standings.place
