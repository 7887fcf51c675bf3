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
            duties.person_id,
            duties.rule_no,
            duties.opens_day,
            duties.closes_day,
            duties.closes_day - duties.opens_day + 1 AS window_days,
            rules.tenths,
            GREATEST(duties.closes_day - duties.first_owed_day + 1, 0)
                - CAST(COALESCE(exempt_days.days, 0) AS BIGINT) AS owed_days,
            CAST(COALESCE(hours.counted, 0) AS BIGINT) AS earned,
            CAST(COALESCE(hours.capped, 0) AS BIGINT) AS capped
        FROM duties
        JOIN rules ON rules.rule_no = duties.rule_no
        LEFT JOIN exempt_days
            ON exempt_days.person_id = duties.person_id AND exempt_days.rule_no = duties.rule_no
        LEFT JOIN hours ON hours.person_id = duties.person_id AND hours.rule_no = duties.rule_no
    ) AS joined
) AS summed
