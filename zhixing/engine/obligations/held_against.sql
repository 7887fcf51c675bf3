-- How far each minimum of a duty is from being reached, as a fraction (negative: more than reached): in hours, a share of what counts
-- (more hours raise that too), or a share of what is required.
SELECT
    person_id,
    rule_no,
    part_no,
    divisor,
    CASE
        WHEN required = 0 THEN 0
        WHEN minimum_tenths IS NOT NULL THEN minimum_tenths * owed_days - held * window_days
        WHEN of_counted THEN share * counted - 100 * held
        ELSE share * required - 100 * held
    END AS above
FROM (
    SELECT
        measured.person_id,
        measured.rule_no,
        minimums.part_no,
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
) AS sums
