-- How often a machine is taken back, an hour, and the hours that a gang so loses in an hour of work: see
-- styx.optimizer.spot for the formula and for where the numbers come from. Where nobody knows, the hours are those of
-- the worst band: an unknown rate is not zero.
INSERT INTO risks
SELECT
    kind, place, interruptions_an_hour,
    coalesce(interruptions_an_hour, -ln(1 - 0.25) / 730) * $num_nodes * $restart_hours
FROM prices
LEFT JOIN (
    SELECT kind, place, -ln(1 - [0.025, 0.075, 0.125, 0.175, 0.25][band + 1]) / 730 AS interruptions_an_hour
    FROM interruptions
    JOIN kinds USING (cloud, instance_type)
    JOIN places USING (cloud, region)
) USING (kind, place)
