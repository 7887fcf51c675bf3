-- Clause 5: what each duty asks and what was earned in its window, as 64-bit integers.
-- "Rounded up" divides a multiple of window_days below 2^53, so that a quotient in floating point is exact as well.
SELECT
    person_id,
    rule_no,
    opens_day,
    closes_day,
    window_days,
    owed_days,
    CAST((owed + window_days - 1 - MOD(owed + window_days - 1, window_days)) / window_days AS BIGINT) AS required,
    earned,
    capped
FROM (
    SELECT
        *,
        tenths * owed_days AS owed
    FROM (
        SELECT
            credited.person_id,
            credited.rule_no,
            credited.opens_day,
            credited.closes_day,
            credited.closes_day - credited.opens_day + 1 AS window_days,
            rules.tenths,
            GREATEST(credited.closes_day - credited.first_owed_day + 1, 0)
                - CAST(COALESCE(exempt_days.days, 0) AS BIGINT) AS owed_days,
            credited.counted AS earned,
            credited.capped
        FROM credited
        JOIN rules ON rules.rule_no = credited.rule_no
        LEFT JOIN exempt_days
            ON exempt_days.person_id = credited.person_id AND exempt_days.rule_no = credited.rule_no
    ) AS joined
) AS summed
