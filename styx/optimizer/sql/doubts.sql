SELECT cloud, region, instance_type, detail FROM doubts ORDER BY ALL
