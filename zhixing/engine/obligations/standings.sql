-- Clauses 3, 5 and 6: what is required, missing, and the state, one row per person and code, as 64-bit integers.
-- "Rounded up" divides a multiple of window_days below 2^53, so that a quotient in floating point is exact as well.
SELECT
    measured.person_id,
    measured.code,
    measured.opens_day,
    measured.closes_day,
    measured.required,
    measured.counted,
    GREATEST(measured.required - measured.counted, 0) AS missing,
    measured.capped,
    CASE
        WHEN measured.required = 0 THEN 'exempt'
        WHEN measured.counted >= measured.required THEN 'met'
        WHEN measured.closes_day <= unix_date(asked.on_date) THEN 'overdue'
        WHEN measured.counted * measured.window_days
             >= measured.required * (unix_date(asked.on_date) - measured.opens_day + 1) THEN 'on_track'
        ELSE 'short'
    END AS state
FROM (
    SELECT
        person_id,
        code,
        after_promotion,
        opens_day,
        closes_day,
        window_days,
        CAST((owed + window_days - 1 - MOD(owed + window_days - 1, window_days)) / window_days AS BIGINT) AS required,
        counted,
        capped
    FROM (
        SELECT
            duties.person_id,
            rules.code,
            rules.after_promotion,
            duties.opens_day,
            duties.closes_day,
            duties.closes_day - duties.opens_day + 1 AS window_days,
            rules.tenths * (
                GREATEST(duties.closes_day - duties.first_owed_day + 1, 0) - CAST(COALESCE(exempt_days.days, 0) AS BIGINT)
            ) AS owed,
            CAST(COALESCE(hours.counted, 0) AS BIGINT) AS counted,
            CAST(COALESCE(hours.capped, 0) AS BIGINT) AS capped
        FROM duties
        JOIN rules ON rules.rule_no = duties.rule_no
        LEFT JOIN exempt_days
            ON exempt_days.person_id = duties.person_id AND exempt_days.rule_no = duties.rule_no
        LEFT JOIN hours ON hours.person_id = duties.person_id AND hours.rule_no = duties.rule_no
    ) AS summed
) AS measured
CROSS JOIN asked
WHERE NOT (
    measured.after_promotion
    AND measured.closes_day < unix_date(asked.on_date)
    AND measured.counted >= measured.required
)
