-- The tenths of each part of a rule (a minimum, or what may be carried): those of its channels and contents, each channel under its cap.
-- What a cap takes away is taken from other contents first. Many parts ask for the same hours: those are added up once.
SELECT
    person_id,
    part_no,
    CAST(SUM(CASE WHEN total > cap_tenths THEN cap_tenths ELSE total END) AS BIGINT) AS tenths
FROM (
    SELECT
        earned.person_id,
        parts.part_no,
        part_sources.cap_tenths,
        CAST(SUM(earned.tenths) AS BIGINT) AS total
    FROM (
        SELECT duties.person_id, duties.rule_no, living.channel, living.content, CAST(SUM(living.tenths) AS BIGINT) AS tenths
        FROM living
        JOIN duties ON duties.person_id = living.person_id
        JOIN (SELECT DISTINCT rule_no FROM parts) AS asking ON asking.rule_no = duties.rule_no
        WHERE living.earned_day BETWEEN duties.opens_day AND duties.closes_day
        GROUP BY duties.person_id, duties.rule_no, living.channel, living.content
    ) AS earned
    JOIN parts ON parts.rule_no = earned.rule_no
    JOIN part_sources
        ON part_sources.part_no = parts.part_no
       AND part_sources.channel = earned.channel
       AND (part_sources.content IS NULL OR part_sources.content = earned.content)
    GROUP BY earned.person_id, parts.part_no, part_sources.channel, part_sources.cap_tenths
) AS sums
GROUP BY person_id, part_no
