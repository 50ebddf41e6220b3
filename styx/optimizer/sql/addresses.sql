SELECT cloud, market, hourly_usd FROM address_prices WHERE hourly_usd IS NOT NULL
