SELECT detail FROM doubts
WHERE cloud = $cloud AND region = $region AND instance_type = $instance_type
ORDER BY detail
