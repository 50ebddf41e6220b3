-- Every place, and what an account needs to rent machines there beside being one.
SELECT place, cloud, region, restricted FROM places ORDER BY place
