-- How often a machine is taken back, an hour: see styx.optimizer.spot for where the numbers come from.
INSERT INTO risks
SELECT kind, place, -ln(1 - [0.025, 0.075, 0.125, 0.175, 0.25][band + 1]) / 730
FROM interruptions
JOIN kinds USING (cloud, instance_type)
JOIN places USING (cloud, region)
