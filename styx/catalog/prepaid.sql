-- Which prepaid machines the catalog has.
SELECT DISTINCT p.cloud, p.region, p.type
FROM overlay_prepaid p JOIN offered o ON o.cloud = p.cloud AND o.region = p.region AND o.instance_type = p.type
