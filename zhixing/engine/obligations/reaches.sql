-- The first and the last day on which hours of a channel can count for anybody's duty under a rule: entries outside are left out before
-- a person is looked up.
SELECT
    rule_channels.rule_no,
    rule_channels.channel,
    rule_channels.pot_no,
    windows.first_day,
    LEAST(windows.last_day, unix_date(asked.on_date)) AS last_day
FROM (
    SELECT rule_no, MIN(opens_day) AS first_day, MAX(closes_day) AS last_day
    FROM duties
    GROUP BY rule_no
) AS windows
JOIN rule_channels ON rule_channels.rule_no = windows.rule_no
CROSS JOIN asked
