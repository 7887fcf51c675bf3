-- Clauses 2, 3 and 5: each holder's rules with their windows as day numbers (from 1970-01-01), and the first day that is owed.
-- A rule whose window is the same for everyone brings it along; the others run once, from a day in the person's own service.
-- Whom the rule itself exempts owes no day: the first one owed is the day after the window.
SELECT
    person_id,
    rule_no,
    opens_day,
    closes_day,
    CASE
        WHEN is_exempt
            OR (exempt_leaving AND left_day BETWEEN opens_day AND closes_day)
            OR closes_day - joined_day + 1 < exempt_joined_days THEN closes_day + 1
        WHEN prorate_join AND joined_day > opens_day THEN joined_day
        ELSE opens_day
    END AS first_owed_day
FROM (
    SELECT
        person_id,
        joined_day,
        left_day,
        rule_no,
        prorate_join,
        is_exempt,
        exempt_joined_days,
        exempt_leaving,
        COALESCE(opens_day, unix_date(began_on) - before_days) AS opens_day,
        COALESCE(
            closes_day,
            CASE
                WHEN runs_from = 'promotion' AND window_days = 0 THEN unix_date(CAST(began_on + INTERVAL '1' YEAR AS DATE)) - 1
                ELSE unix_date(began_on) + window_days - 1
            END
        ) AS closes_day
    FROM (
        SELECT
            holders.person_id,
            unix_date(holders.joined_on) AS joined_day,
            unix_date(holders.left_on) AS left_day,
            rules.rule_no,
            rules.prorate_join,
            rules.runs_from,
            rules.opens_day,
            rules.closes_day,
            rules.window_days,
            rules.before_days,
            rules.since_day,
            rules.exempt_joined_days,
            rules.exempt_leaving,
            rule_ranks.is_exempt,
            CASE rules.runs_from
                WHEN 'promotion' THEN promotions.from_on
                WHEN 'joining' THEN holders.joined_on
                WHEN 'appointment' THEN appointments.from_on
            END AS began_on
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
        LEFT JOIN (
            SELECT postings.person_id, postings.rank, MIN(postings.from_on) AS from_on
            FROM (
                SELECT DISTINCT appointed.rank
                FROM rule_ranks AS appointed
                JOIN rules AS once ON once.rule_no = appointed.rule_no
                WHERE once.runs_from = 'appointment'
            ) AS ranks
            JOIN postings ON postings.rank = ranks.rank
            CROSS JOIN asked
            WHERE postings.is_principal AND postings.from_on <= asked.on_date
            GROUP BY postings.person_id, postings.rank
        ) AS appointments ON appointments.person_id = holders.person_id AND appointments.rank = holders.rank
    ) AS begun
    WHERE opens_day IS NOT NULL
       OR (began_on IS NOT NULL AND (since_day IS NULL OR unix_date(began_on) >= since_day))
) AS windows
