"""The numbers of reference.rs, computed with scipy 1.17.1 and statsmodels 0.15.0.

    pip install scipy statsmodels && python tests/reference.py
"""

from fractions import Fraction

import numpy as np
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.nonparametric import rank_compare_2indep
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import (
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


TIES_A = [0] * 40 + [1] * 25 + [2] * 5
TIES_B = [0] * 28 + [1] * 30 + [2] * 12
CONSTANT = [11.5] * 6
FEW_B = LONG_B[:50]
BEFORE_A = [11.0, 9.1, 12.0, 9.9, 13.1, 9.0, 9.6, 11.8, 9.9, 11.2]
BEFORE_B = [11.9, 10.3, 13.6, 11.0, 14.1, 9.8, 11.1, 15.2]


def show(name, *numbers):
    print(f"{name:40}", *(f"{number:.12g}" for number in numbers))


def rates():
    for a, n, b, m in [(120, 1000, 150, 1010), (3, 40, 11, 38), (0, 25, 4, 30), (5123, 51000, 5402, 49500)]:
        show(f"z-test {a}/{n} {b}/{m}", proportions_ztest([b, a], [m, n])[1])
        for alpha in (0.05, 0.001):
            show(f"  score {alpha}", *score_interval(b, m, a, n, alpha, "diff"))
            if a:
                low, high = score_interval(b, m, a, n, alpha, "ratio")
                show(f"  lift {alpha}", low - 1, high - 1)
            show(f"  wilson a {alpha}", *proportion_confint(a, n, alpha, method="wilson"))


def score_interval(b, m, a, n, alpha, compare):
    """The values at which a z-test just rejects, whose variance comes from the most likely rates: found
    by a search for the maximum of the likelihood, where the crate solves a cubic and a quadratic.
    (The rates of statsmodels 0.15 under a difference other than 0 do not have the highest likelihood.)"""
    z = stats.norm.isf(alpha / 2)
    estimate = b / m - a / n if compare == "diff" else (b / m) / (a / n)

    def most_likely(value):
        in_b = (lambda p: p + value) if compare == "diff" else (lambda p: p * value)
        slope = 1 if compare == "diff" else value
        least = max(0, -value) if compare == "diff" else 0
        most = min(1, 1 - value) if compare == "diff" else min(1, 1 / value)

        def gradient(p):
            q = in_b(p)
            return (a / p if a else 0) - (n - a) / (1 - p) + slope * ((b / q if b else 0) - (m - b) / (1 - q))

        edge = 1e-13
        if gradient(least + edge) <= 0:
            return least, in_b(least)
        p = optimize.brentq(gradient, least + edge, most - edge, xtol=1e-16)
        return p, in_b(p)

    def off(value):
        p, q = most_likely(value)
        ratio, difference = (1, value) if compare == "diff" else (value, 0)
        error = np.sqrt(q * (1 - q) / m + ratio**2 * p * (1 - p) / n)
        return abs(b / m - ratio * a / n - difference) - z * error

    def end(side):
        reach = 1e-4
        while not off(estimate + side * reach) > 0:
            reach *= 1.1
        return optimize.brentq(off, *sorted([estimate + side * 1e-9, estimate + side * reach]), xtol=1e-15, rtol=1e-14)

    return end(-1), end(1)


def means():
    for name, a, b in [
        ("short", A, B),
        ("long", LONG_A, LONG_B),
        ("two and two", [1.0, 2.0], [3.0, 5.0]),
        ("constant A", CONSTANT, B),
        ("nine to one", LONG_A[:450], FEW_B),
    ]:
        test = stats.ttest_ind(b, a, equal_var=False)
        show(f"welch {name}", test.pvalue, test.df)
        for level in (0.95, 0.999):
            show(f"  interval {level}", *test.confidence_interval(level))
        show("  lift 0.05", *fieller(np.array(a), np.array(b), test.df, 0.05))
    show("mean of A", *stats.t.interval(0.95, len(A) - 1, np.mean(A), stats.sem(A)))


def fieller(a, b, freedom, alpha):
    """Fieller's interval of mean(b) / mean(a) - 1: by a search for the ratios that are just rejected."""
    t = stats.t.isf(alpha / 2, freedom)

    def off(ratio):
        error = np.sqrt(b.var(ddof=1) / len(b) + ratio**2 * a.var(ddof=1) / len(a))
        return abs(b.mean() - ratio * a.mean()) - t * error

    ratio = b.mean() / a.mean()
    reach = 1.0
    while off(ratio - reach) < 0 or off(ratio + reach) < 0:
        reach *= 2
        if reach > 1e6:
            return (np.nan, np.nan)
    low, high = optimize.brentq(off, ratio - reach, ratio, xtol=1e-14), optimize.brentq(off, ratio, ratio + reach, xtol=1e-14)
    return low - 1, high - 1


def offsets():
    """In rational numbers, since sums of such values lose digits in numpy, too."""
    for offset in (1e12, 1.7e15):
        a, b = (LONG_A + offset, LONG_B + offset)
        exact_a, exact_b = ([Fraction(float(value)) for value in values] for values in (a, b))
        difference = sum(exact_b) / len(exact_b) - sum(exact_a) / len(exact_a)

        def part(values):
            mean = sum(values) / len(values)
            return float(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))

        in_a, in_b = part(exact_a), part(exact_b)
        freedom = (in_a + in_b) ** 2 / (in_a**2 / (len(a) - 1) + in_b**2 / (len(b) - 1))
        t = float(difference) / np.sqrt(in_a + in_b)
        show(f"offset {offset:g}", float(difference), 2 * stats.t.sf(abs(t), freedom), freedom)


def cuped():
    """The coefficient of an analysis of covariance with HC2 errors is that of statsmodels. The degrees
    of freedom are Satterthwaite's, of what each variant adds to the HC2 variance."""
    for name, a, before_a, b, before_b in [
        ("short", A, BEFORE_A, B, BEFORE_B),
        ("long", LONG_A, np.sqrt(LONG_A) + X * 7 % 11, LONG_B, np.sqrt(LONG_B) + Y * 7 % 11),
        ("nine to one", LONG_A[:450], (LONG_A / 3 + X * 7 % 11)[:450], FEW_B, FEW_B / 3 + (Y * 5 % 13)[:50]),
    ]:
        y = np.concatenate([a, b])
        x = np.concatenate([before_a, before_b])
        in_b = np.concatenate([np.zeros(len(a)), np.ones(len(b))])
        design = sm.add_constant(np.column_stack([in_b, x - x.mean()]))
        fit = sm.OLS(y, design).fit(cov_type="HC2")
        weights = (np.linalg.inv(design.T @ design) @ design.T)[1]
        leverage = np.diag(design @ np.linalg.inv(design.T @ design) @ design.T)
        parts = weights**2 * fit.resid**2 / (1 - leverage)
        of_a, of_b = parts[: len(a)].sum(), parts[len(a) :].sum()
        freedom = (of_a + of_b) ** 2 / (of_a**2 / (len(a) - 2) + of_b**2 / (len(b) - 2))
        p = 2 * stats.t.sf(abs(fit.params[1] / fit.bse[1]), freedom)
        reduction = 1 - fit.ssr / sm.OLS(y, design[:, :2]).fit().ssr
        show(f"cuped {name}", fit.params[1], fit.bse[1], p, fit.params[2], reduction)
        # At the mean of the covariate: the adjusted mean of A.
        show("  adjusted A, freedom", fit.params[0], freedom)


def ranks():
    for name, a, b in [
        ("short", A, B),
        ("tied", TIED_A, TIED_B),
        ("long", LONG_A, LONG_B),
        ("three and four", [1.0, 4.0, 6.0], [2.0, 5.0, 7.0, 9.0]),
        ("heavy ties", TIES_A, TIES_B),
        ("constant A", CONSTANT, B),
        ("nine to one", LONG_A[:450], FEW_B),
    ]:
        a, b = np.array(a, float), np.array(b, float)
        # Its effect is the probability that the first sample is the larger one.
        compared = rank_compare_2indep(b, a, use_t=True)
        show(f"brunner-munzel {name}", brunner_munzel(a, b), compared.prob1, *compared.conf_int(alpha=0.05))
        show("  hodges-lehmann 0.05", *shift(a, b, 0.05))


def brunner_munzel(a, b):
    return stats.brunnermunzel(a, b, distribution="t").pvalue


def shift(a, b, alpha):
    """Hodges and Lehmann's estimate, and the shifts between which scipy's test does not reject."""
    differences = np.sort(np.subtract.outer(b, a).ravel())
    steps = np.unique(np.round(differences, 9))
    share = lambda by: np.mean(differences > by + 1e-9) + np.mean(abs(differences - by) <= 1e-9) / 2

    def is_rejected(by):
        # Rounded, so that values that differ by the shift are tied. Values that are fully apart: see `least`.
        moved = np.round(b - by, 9)
        if share(by) in (0.0, 1.0):
            return 2.0 ** (1 - min(len(a), len(b))) < alpha
        return max(brunner_munzel(np.round(a, 9), moved), 2.0 ** (1 - min(len(a), len(b)))) < alpha

    def first(steps, side):
        low, high = -1, len(steps)
        while high - low > 1:
            middle = (low + high) // 2
            by = steps[middle]
            # A step counts as soon as it, or what follows right after it, is not rejected.
            is_in = not is_rejected(by) or not is_rejected(by + side * 1e-6)
            low, high = (low, middle) if is_in else (middle, high)
        return steps[high]

    return np.median(differences), first(steps[steps <= np.median(differences)], 1), first(steps[steps >= np.median(differences)][::-1], -1)


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


for part in (rates, means, offsets, cuped, ranks, ratio, holm, sizes, sequential):
    part()
