-- A family at less than half, or more than twice, what its region makes of the others: wrong in all its sizes alike.
SELECT cloud, region, instance_type,
    format('its family costs {:.2f} times its median region, the region {:.2f}', usual, region_usual) AS detail
FROM ratios WHERE usual / region_usual NOT BETWEEN 0.5 AND 2
