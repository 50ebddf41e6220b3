-- Every place and the zones that offers there name.
SELECT place, cloud, region FROM places ORDER BY place
