-- The result as formats.md §2 lays it down, with the place of the code and the number of the state instead of their texts.
SELECT
    CAST(person_id AS BIGINT) AS person_id,
    CAST(place AS INTEGER) AS rule,
    date_from_unix_date(opens_day) AS window_opens,
    date_from_unix_date(closes_day) AS window_closes,
    CAST(required AS INTEGER) AS required_tenths,
    CAST(counted AS INTEGER) AS counted_tenths,
    CAST(missing AS INTEGER) AS missing_tenths,
    CAST(capped AS INTEGER) AS capped_tenths,
    CAST(state_no AS TINYINT) AS state
FROM standings
ORDER BY person_id, place
