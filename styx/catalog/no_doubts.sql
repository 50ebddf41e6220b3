-- Nothing is in doubt about offers that no file holds; this gives `doubts` its columns when there is no file at all.
SELECT '' AS rule, '' AS cloud, '' AS region, '' AS instance_type, '' AS detail WHERE false
