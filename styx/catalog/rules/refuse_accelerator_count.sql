-- An accelerator is counted, a part of one as a fraction; a count belongs to a name.
SELECT cloud, region, instance_type, format('{} of {}', accelerator_count, coalesce(accelerator, 'nothing')) AS detail
FROM offers WHERE (accelerator IS NULL) <> (accelerator_count = 0) OR accelerator_count < 0
