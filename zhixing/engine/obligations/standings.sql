-- Clauses 3 and 6: what counts, what is missing, and the state, one row per person and code.
-- A state is its number (STATES in result.py), a code its place in their order: both are quicker to carry and to sort than texts.
SELECT
    person_id,
    rule_no,
    place,
    opens_day,
    closes_day,
    required,
    counted,
    missing,
    capped,
    CASE
        WHEN required = 0 THEN 0
        WHEN missing = 0 THEN 1
        WHEN closes_day <= on_day THEN 2
        WHEN (required - missing) * window_days >= required * (on_day - opens_day + 1) THEN 3
        ELSE 4
    END AS state_no
FROM (
    SELECT
        measured.person_id,
        measured.rule_no,
        rules.place,
        rules.runs_from,
        measured.opens_day,
        measured.closes_day,
        measured.window_days,
        measured.required,
        measured.earned + COALESCE(carried.tenths, 0) AS counted,
        GREATEST(measured.required - measured.earned - COALESCE(carried.tenths, 0), COALESCE(lacking.tenths, 0), 0)
            AS missing,
        measured.capped,
        unix_date(asked.on_date) AS on_day
    FROM measured
    JOIN rules ON rules.rule_no = measured.rule_no
    LEFT JOIN carried ON carried.person_id = measured.person_id AND carried.rule_no = measured.rule_no
    LEFT JOIN lacking ON lacking.person_id = measured.person_id AND lacking.rule_no = measured.rule_no
    CROSS JOIN asked
    WHERE NOT rules.is_before
) AS answered
WHERE NOT (runs_from IS NOT NULL AND closes_day < on_day AND missing = 0)
