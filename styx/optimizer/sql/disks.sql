SELECT cloud, region, tier, usd_per_gib_month FROM disk_prices WHERE usd_per_gib_month IS NOT NULL
