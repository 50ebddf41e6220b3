-- A price more than 20 % off what the same family costs in that region against its median region.
SELECT cloud, region, instance_type, format('{:.2f} times its median region, its family {:.2f}', ratio, usual) AS detail
FROM ratios WHERE abs(ratio / usual - 1) > 0.2
