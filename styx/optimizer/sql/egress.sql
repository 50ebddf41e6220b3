SELECT cloud, kind, usd_per_gib FROM egress_prices WHERE usd_per_gib IS NOT NULL
