-- The tenths of each part of a rule (a minimum, or what may be carried): those of its pots and contents, each pot under its cap.
-- What a cap takes away is taken from other contents first. Many parts ask for the same hours: those are added up once.
SELECT
    person_id,
    part_no,
    CAST(SUM(CASE WHEN total > cap_tenths THEN cap_tenths ELSE total END) AS BIGINT) AS tenths
FROM (
    SELECT
        earned.person_id,
        part_sources.part_no,
        pots.cap_tenths,
        CAST(SUM(earned.tenths) AS BIGINT) AS total
    FROM (
        SELECT person_id, pot_no, content, CAST(SUM(tenths) AS BIGINT) AS tenths
        FROM entries
        GROUP BY person_id, pot_no, content
    ) AS earned
    JOIN pots ON pots.pot_no = earned.pot_no
    JOIN part_sources
        ON part_sources.pot_no = earned.pot_no
       AND (part_sources.content IS NULL OR part_sources.content = earned.content)
    GROUP BY earned.person_id, part_sources.part_no, pots.pot_no, pots.cap_tenths
) AS sums
GROUP BY person_id, part_no
