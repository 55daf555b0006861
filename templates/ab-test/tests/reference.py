"""The numbers of reference.rs, computed with scipy 1.17.1 and statsmodels 0.15.0.

    pip install scipy statsmodels && python tests/reference.py
"""

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.nonparametric import rank_compare_2indep
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
    samplesize_proportions_2indep_onetail,
)

A = [12.1, 9.8, 11.4, 10.6, 13.9, 8.7, 10.1, 12.8, 9.2, 11.9]
B = [13.2, 11.1, 14.8, 12.5, 15.3, 10.4, 12.9, 16.1]
TIED_A = [1, 2, 2, 3, 3, 3, 4, 5, 5, 7, 8, 8]
TIED_B = [2, 3, 3, 4, 5, 5, 6, 7, 8, 8, 9, 9, 10]
X, Y = np.arange(1, 501), np.arange(1, 451)
LONG_A = np.floor(1000 * ((X * 7919 % 1009) / 1009) ** 2) / 10
LONG_B = np.floor(1000 * ((Y * 6101 % 1013) / 1013) ** 2.2) / 10


def show(name, *numbers):
    print(f"{name:40}", *(f"{number:.12g}" for number in numbers))


def rates():
    for a, n, b, m in [(120, 1000, 150, 1010), (3, 40, 11, 38), (0, 25, 4, 30), (5123, 51000, 5402, 49500)]:
        show(f"z-test {a}/{n} {b}/{m}", proportions_ztest([b, a], [m, n])[1])
        for alpha in (0.05, 0.001):
            show(f"  newcombe {alpha}", *confint_proportions_2indep(b, m, a, n, method="newcomb", alpha=alpha))
            show(f"  wilson a {alpha}", *proportion_confint(a, n, alpha, method="wilson"))


def means():
    for name, a, b in [("short", A, B), ("long", LONG_A, LONG_B)]:
        test = stats.ttest_ind(b, a, equal_var=False)
        show(f"welch {name}", test.pvalue, test.df)
        for level in (0.95, 0.999):
            show(f"  interval {level}", *test.confidence_interval(level))
    show("mean of A", *stats.t.interval(0.95, len(A) - 1, np.mean(A), stats.sem(A)))


def ranks():
    cases = [("short", A, B, "exact"), ("tied", TIED_A, TIED_B, "asymptotic"), ("long", LONG_A, LONG_B, "asymptotic")]
    for name, a, b, method in cases:
        test = stats.mannwhitneyu(b, a, method=method, use_continuity=True)
        show(f"mann-whitney {name}", test.statistic, test.pvalue)
        # Its effect is the probability that the first sample is the larger one.
        compared = rank_compare_2indep(b, a, use_t=True)
        show("  brunner-munzel 0.05", compared.prob1, *compared.conf_int(alpha=0.05))
        differences = np.sort(np.subtract.outer(np.array(b), np.array(a)).ravel())
        pairs = len(differences)
        spread = np.sqrt(pairs * (len(a) + len(b) + 1) / 12)
        rank = max(1, round(pairs / 2 - stats.norm.ppf(0.975) * spread))
        show("  hodges-lehmann 0.05", np.median(differences), differences[rank - 1], differences[pairs - rank])


def ratio():
    for a, b, share in [(500, 500, 0.5), (5120, 4880, 0.5), (9300, 700, 0.08), (10500, 9500, 0.5)]:
        total = a + b
        show(f"ratio {a}:{b} at {share}", stats.chisquare([a, b], [total * (1 - share), total * share]).pvalue)


def holm():
    p = [0.01, 0.04, 0.03, 0.005, 0.9]
    show("holm", *multipletests(p, method="holm")[1])


def sizes():
    for p1, p2, alpha, power, ratio in [(0.1, 0.12, 0.05, 0.8, 1.0), (0.4, 0.35, 0.01, 0.9, 0.25)]:
        size = samplesize_proportions_2indep_onetail(p1 - p2, p2, power, ratio=ratio, alpha=alpha)
        show(f"rates {p1} {p2} {alpha} {power} {ratio}", size)
    # To one side at half of alpha: what a test finds on the wrong side is no power.
    for deviation, effect, alpha, power, ratio in [(12.0, 1.5, 0.05, 0.8, 1.0), (12.0, 1.5, 0.01, 0.9, 3.0)]:
        size = NormalIndPower().solve_power(effect / deviation, alpha=alpha / 2, power=power, ratio=ratio, alternative="larger")
        show(f"means {deviation} {effect} {alpha} {power} {ratio}", size)
    z = stats.norm.ppf
    for effect, alpha, power, share in [(0.06, 0.05, 0.9, 0.5), (0.1, 0.01, 0.8, 0.2)]:
        # Noether's formula, of which statsmodels has none.
        total = (z(1 - alpha / 2) + z(power)) ** 2 / (12 * share * (1 - share) * effect**2)
        show(f"order {effect} {alpha} {power} {share}, in A", total * (1 - share))


def within(bounds, fractions, drift=0.0, last=None):
    """Probability that every z is within its bounds: the joint normal distribution of all looks, without
    the recursion that the crate uses. `last` replaces the limits of the last look."""
    times = np.array(fractions)
    covariance = np.sqrt(np.minimum.outer(times, times) / np.maximum.outer(times, times))
    high = np.array(bounds, float)
    low = -high
    if last:
        low[-1], high[-1] = last
    mean = drift * np.sqrt(times)
    limits = dict(lower_limit=low, maxpts=400_000, abseps=1e-9, releps=1e-9, rng=np.random.default_rng(1))
    return stats.multivariate_normal.cdf(high, mean, covariance, **limits)


def sequential():
    z = stats.norm.ppf
    for alpha, power, fractions in [
        (0.05, 0.8, [0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.05, 0.9, [0.5, 1.0]),
        (0.01, 0.8, [0.25, 0.5, 0.75, 1.0]),
        (0.05, 0.8, [0.3, 0.45, 0.9, 1.0]),
    ]:
        bounds = []
        for look, fraction in enumerate(fractions, 1):
            spent = 4 - 4 * stats.norm.cdf(z(1 - alpha / 4) / np.sqrt(fraction))
            off = lambda bound: 1 - within([*bounds, bound], fractions[:look]) - spent
            bounds.append(optimize.brentq(off, 1.0, 9.0, xtol=1e-7))
        show(f"bounds {alpha} {fractions}", *bounds)

        def found(drift):
            return sum(
                within(bounds[:look], fractions[:look], drift, (bounds[look - 1], 50.0))
                for look in range(1, len(fractions) + 1)
            )

        fixed = z(1 - alpha / 2) + z(power)
        drift = optimize.brentq(lambda drift: found(drift) - power, fixed, fixed * 1.3, xtol=1e-6)
        show(f"  inflation for power {power}", (drift / fixed) ** 2)


for part in (rates, means, ranks, ratio, holm, sizes, sequential):
    part()
