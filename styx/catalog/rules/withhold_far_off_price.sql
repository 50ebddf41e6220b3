-- A price less than a third, or more than three times, what its region makes of its type's median: a decimal slipped.
SELECT cloud, region, instance_type,
    format('{} an hour is {:.2f} times its median region, the region {:.2f}', hourly_usd, ratio, region_usual) AS detail
FROM ratios WHERE ratio / region_usual NOT BETWEEN 1 / 3.0 AND 3 OR region_usual NOT BETWEEN 1 / 3.0 AND 3
