-- The most that any one minimum of a duty lacks. Each case is a fraction, rounded up where it is positive:
-- in hours, a share of what counts (more hours raise that too), or a share of what is required.
SELECT
    person_id,
    rule_no,
    MAX(CAST((above + divisor - 1 - MOD(above + divisor - 1, divisor)) / divisor AS BIGINT)) AS tenths
FROM (
    SELECT
        person_id,
        rule_no,
        divisor,
        CASE
            WHEN required = 0 THEN 0
            WHEN minimum_tenths IS NOT NULL THEN GREATEST(minimum_tenths * owed_days - held * window_days, 0)
            WHEN of_counted THEN GREATEST(share * counted - 100 * held, 0)
            ELSE GREATEST(share * required - 100 * held, 0)
        END AS above
    FROM (
        SELECT
            measured.person_id,
            measured.rule_no,
            measured.required,
            measured.owed_days,
            measured.window_days,
            measured.earned + COALESCE(carried.tenths, 0) AS counted,
            COALESCE(part_hours.tenths, 0)
                + CASE WHEN minimums.takes_carried THEN COALESCE(carried.tenths, 0) ELSE 0 END AS held,
            minimums.tenths AS minimum_tenths,
            minimums.share,
            minimums.of_counted,
            CASE
                WHEN minimums.tenths IS NOT NULL THEN measured.window_days
                WHEN minimums.of_counted THEN 100 - minimums.share
                ELSE 100
            END AS divisor
        FROM minimums
        JOIN measured ON measured.rule_no = minimums.rule_no
        LEFT JOIN carried ON carried.person_id = measured.person_id AND carried.rule_no = measured.rule_no
        LEFT JOIN part_hours ON part_hours.person_id = measured.person_id AND part_hours.part_no = minimums.part_no
    ) AS held_against
) AS fractions
GROUP BY person_id, rule_no
