-- Clause 4: the tenths that count for each duty, and those over a cap.
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
    FROM entries
    JOIN rule_channels ON rule_channels.channel = entries.channel
    JOIN duties ON duties.person_id = entries.person_id AND duties.rule_no = rule_channels.rule_no
    WHERE entries.earned_day BETWEEN duties.opens_day AND duties.closes_day
    GROUP BY duties.person_id, duties.rule_no, rule_channels.channel, rule_channels.cap_tenths
) AS sums
GROUP BY person_id, rule_no
