-- How many offers each constraint removed, in the order in which they are judged.
SELECT failed, count(*) FROM candidates WHERE failed IS NOT NULL GROUP BY failed ORDER BY min(rowid)
