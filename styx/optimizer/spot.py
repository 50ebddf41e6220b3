"""Spot machines are taken back: what an hour of work is expected to cost on them."""


def expected_usd(price_usd: float, interruptions_an_hour: float, num_nodes: int, restart_hours: float) -> float:
    """Return what one machine's hour of useful work is expected to cost.

    A machine is taken back λ times an hour; any one of n machines stops the whole gang, so nλ. Each time costs R
    hours, paid for and lost: the work since the last checkpoint and the restart. To first order, as in J. W. Young,
    "A first order approximation to the optimum checkpoint interval", CACM 17(9), 1974, an hour of work takes
    1 + nλR hours:

        expected = price · (1 + n · λ · R)

    λ comes from the cloud's public band of how many machines it takes back in a month (AWS Spot Instance Advisor):
    with the band's middle p (2.5, 7.5, 12.5, 17.5 and, for "over 20 %", 25 %), λ = -ln(1 - p) / 730. The SQL says the
    same in judged.sql and risks.sql.
    """
    return price_usd * (1 + num_nodes * interruptions_an_hour * restart_hours)
