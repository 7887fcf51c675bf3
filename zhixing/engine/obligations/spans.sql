-- spans
-- The first and the last day that any duty of a person looks at: entries outside need not be looked at again.
SELECT person_id, MIN(opens_day) AS first_day, MAX(closes_day) AS last_day
FROM duties
GROUP BY person_id
