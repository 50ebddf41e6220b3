SELECT DISTINCT cloud, region FROM regions UNION SELECT cloud, region FROM places ORDER BY ALL
