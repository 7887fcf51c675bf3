-- Those of the living entries' columns that every rule asks for.
SELECT person_id, channel, tenths, earned_day
FROM living
