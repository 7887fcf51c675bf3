-- Clause 4: each duty, with the tenths that count for it and those over a cap, as 64-bit integers.
SELECT
    duties.person_id,
    duties.rule_no,
    duties.opens_day,
    duties.closes_day,
    duties.first_owed_day,
    CAST(COALESCE(hours.counted, 0) AS BIGINT) AS counted,
    CAST(COALESCE(hours.capped, 0) AS BIGINT) AS capped
FROM duties
LEFT JOIN hours ON hours.person_id = duties.person_id AND hours.rule_no = duties.rule_no
