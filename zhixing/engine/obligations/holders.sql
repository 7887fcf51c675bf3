-- Clause 2: who serves on the asked day, and the rank of the principal posting in force (the last begun, then the smaller unit).
SELECT people.person_id, people.joined_on, people.left_on, in_force.rank
FROM (
    SELECT
        postings.person_id,
        postings.rank,
        ROW_NUMBER() OVER (
            PARTITION BY postings.person_id
            ORDER BY postings.from_on DESC, postings.unit_id, postings.rank
        ) AS turn
    FROM postings
    CROSS JOIN asked
    WHERE postings.is_principal
      AND postings.from_on <= asked.on_date
      AND (postings.to_on IS NULL OR postings.to_on >= asked.on_date)
) AS in_force
JOIN people ON people.person_id = in_force.person_id
CROSS JOIN asked
WHERE in_force.turn = 1
  AND people.joined_on <= asked.on_date
  AND (people.left_on IS NULL OR people.left_on >= asked.on_date)
