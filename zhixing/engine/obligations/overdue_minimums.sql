-- How far each minimum of an overdue duty is from being reached, in the order of the policy.
SELECT CAST(held_against.person_id AS BIGINT) AS person_id, held_against.rule_no, CAST(held_against.above AS BIGINT) AS above
FROM standings
JOIN held_against ON held_against.person_id = standings.person_id AND held_against.rule_no = standings.rule_no
WHERE standings.state_no = 2
ORDER BY held_against.person_id, held_against.rule_no, held_against.part_no
