-- The first and the last day on which hours of a channel can count for anybody: entries outside are left out before anything is looked up.
SELECT
    rule_channels.channel,
    MIN(reaches.first_day) AS first_day,
    LEAST(MAX(reaches.last_day), unix_date(MAX(asked.on_date))) AS last_day
FROM (
    SELECT rule_no, MIN(opens_day) AS first_day, MAX(closes_day) AS last_day
    FROM duties
    GROUP BY rule_no
) AS reaches
JOIN rule_channels ON rule_channels.rule_no = reaches.rule_no
CROSS JOIN asked
GROUP BY rule_channels.channel
