-- Clause 5: how many owed days of each duty are exempt. Exemptions may overlap: each adds only its days after all earlier ones.
SELECT
    person_id,
    rule_no,
    SUM(GREATEST(to_day - GREATEST(from_day, COALESCE(covered_to + 1, from_day)) + 1, 0)) AS days
FROM (
    SELECT
        person_id,
        rule_no,
        from_day,
        to_day,
        MAX(to_day) OVER (
            PARTITION BY person_id, rule_no
            ORDER BY from_day, to_day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_to
    FROM (
        SELECT
            duties.person_id,
            duties.rule_no,
            GREATEST(unix_date(exemptions.from_on), duties.first_owed_day) AS from_day,
            LEAST(unix_date(exemptions.to_on), duties.closes_day) AS to_day
        FROM exemptions
        JOIN rules ON rules.code = exemptions.rule
        JOIN duties ON duties.person_id = exemptions.person_id AND duties.rule_no = rules.rule_no
        CROSS JOIN asked
        WHERE exemptions.recorded_at <= asked.known_on
    ) AS inside
    WHERE from_day <= to_day
) AS runs
GROUP BY person_id, rule_no
