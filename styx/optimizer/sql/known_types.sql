SELECT DISTINCT cloud, instance_type FROM kinds ORDER BY ALL
