-- What each duty gets from the window before: the surplus, as far as it is eligible and not over the limit.
SELECT
    measured.person_id,
    carries.rule_no,
    GREATEST(
        LEAST(measured.earned - measured.required, COALESCE(part_hours.tenths, 0), carries.most_tenths), 0
    ) AS tenths
FROM carries
JOIN measured ON measured.rule_no = carries.before_no
LEFT JOIN part_hours ON part_hours.person_id = measured.person_id AND part_hours.part_no = carries.part_no
