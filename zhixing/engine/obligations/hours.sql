-- Clauses 1 and 4: the tenths that count for each duty, and those over a cap.
SELECT
    person_id,
    rule_no,
    SUM(CASE WHEN total > cap_tenths THEN cap_tenths ELSE total END) AS counted,
    SUM(CASE WHEN total > cap_tenths THEN total - cap_tenths ELSE 0 END) AS capped
FROM (
    SELECT
        duties.person_id,
        duties.rule_no,
        rule_channels.cap_tenths,
        CAST(SUM(entries.tenths) AS BIGINT) AS total
    FROM (
        SELECT credits.person_id, credits.channel, credits.tenths, unix_date(credits.earned_on) AS earned_day
        FROM credits
        CROSS JOIN asked
        WHERE credits.recorded_at <= asked.known_on
          AND credits.earned_on <= asked.on_date
          AND credits.reverses IS NULL
          AND NOT EXISTS (
              SELECT 1
              FROM credits AS reversals
              CROSS JOIN asked AS then_asked
              WHERE reversals.reverses = credits.entry_id AND reversals.recorded_at <= then_asked.known_on
          )
    ) AS entries
    JOIN rule_channels ON rule_channels.channel = entries.channel
    JOIN duties ON duties.person_id = entries.person_id AND duties.rule_no = rule_channels.rule_no
    WHERE entries.earned_day BETWEEN duties.opens_day AND duties.closes_day
    GROUP BY duties.person_id, duties.rule_no, rule_channels.channel, rule_channels.cap_tenths
) AS sums
GROUP BY person_id, rule_no
