-- Clauses 2, 3 and 5: each holder's rules with their windows as day numbers (from 1970-01-01), and the first day that is owed.
-- A rule whose window is the same for everyone brings it along; the others run for one year from the last promotion.
SELECT
    person_id,
    rule_no,
    opens_day,
    closes_day,
    CASE WHEN prorate_join AND joined_day > opens_day THEN joined_day ELSE opens_day END AS first_owed_day
FROM (
    SELECT
        holders.person_id,
        unix_date(holders.joined_on) AS joined_day,
        rules.rule_no,
        rules.prorate_join,
        COALESCE(rules.opens_day, unix_date(promotions.from_on)) AS opens_day,
        COALESCE(rules.closes_day, unix_date(CAST(promotions.from_on + INTERVAL '1' YEAR AS DATE)) - 1) AS closes_day
    FROM holders
    JOIN rule_ranks ON rule_ranks.rank = holders.rank
    JOIN rules ON rules.rule_no = rule_ranks.rule_no
    LEFT JOIN (
        SELECT person_id, MAX(from_on) AS from_on
        FROM postings
        CROSS JOIN asked
        WHERE promoted AND from_on <= asked.on_date
        GROUP BY person_id
    ) AS promotions ON promotions.person_id = holders.person_id
) AS windows
WHERE opens_day IS NOT NULL
