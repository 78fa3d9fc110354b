"""Gamma, beta and Dirichlet variates: the distributions they should have, from numbers of their own."""

import hashlib

import numpy as np
import pytest
import scipy.stats

from seqaug import distributions
from seqaug.distributions import GAMMA_NUMBERS
from seqaug.randomness import Draws

MANY = Draws(7, 3, 0, np.arange(20000, dtype=np.uint32))
FEW = Draws(7, 3, 1, np.array([5, 0, 2**32 - 1], np.uint32))


def fits(sample, distribution):
    return scipy.stats.kstest(sample, distribution.cdf).pvalue > 0.01


@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.5, 0.999, 1.0, 1.3, 4.0, 50.0, 1e4])
def test_gamma(alpha):
    assert fits(distributions.gamma(MANY, alpha, 1), scipy.stats.gamma(alpha))


@pytest.mark.parametrize(("a", "b"), [(0.2, 0.2), (1.0, 1.0), (0.4, 2.0), (8.0, 3.0), (1e-3, 1e-3)])
def test_beta(a, b):
    sample = distributions.beta(MANY, a, b, 1, seed=11)
    assert ((sample >= 0) & (sample <= 1)).all()
    if a < 0.01:  # nearly all are 0 or 1, of which a distribution function can't tell
        assert abs((sample > 0.5).mean() - 0.5) < 0.015
    else:
        assert fits(sample, scipy.stats.beta(a, b))


@pytest.mark.parametrize("alphas", [(1.0, 1.0, 1.0), (0.3, 2.0, 0.7, 5.0)])
def test_dirichlet(alphas):
    sample = distributions.dirichlet(MANY, alphas, 1)
    np.testing.assert_allclose(sample.sum(axis=1), 1, rtol=0, atol=1e-15)
    for j, alpha in enumerate(alphas):
        assert fits(sample[:, j], scipy.stats.beta(alpha, sum(alphas) - alpha))
    expected = scipy.stats.dirichlet(alphas).cov()
    np.testing.assert_allclose(np.cov(sample.T), expected, atol=0.003)


def test_numbers_that_are_used():
    """Variates one after the other in a stream share none; those that begin at one place are the same."""
    one, next_, seeded = (distributions.gamma(MANY, 2.0, first, seed) for first, seed in
                          [(1, None), (1 + GAMMA_NUMBERS, None), (1, 5)])  # fmt: skip
    assert np.abs(np.corrcoef([one, next_, seeded]) - np.eye(3)).max() < 0.03
    pair = distributions.dirichlet(MANY, (2.0, 2.0), 1)
    np.testing.assert_allclose(pair[:, 0], one / (one + next_), rtol=1e-12)
    np.testing.assert_array_equal(distributions.beta(MANY, 2.0, 2.0, 1), pair[:, 0])
    part = Draws(MANY.key, MANY.slot, MANY.epoch, MANY.ids[100:90:-1].copy())
    np.testing.assert_array_equal(distributions.gamma(part, 2.0, 1), one[100:90:-1])


def test_a_shape_for_each_sample():
    shapes = np.where(MANY.ids % 2, 0.3, 4.0)
    each = distributions.beta(MANY, shapes, 2.0, 1)
    for shape in (0.3, 4.0):
        np.testing.assert_array_equal(each[shapes == shape], distributions.beta(MANY, shape, 2.0, 1)[shapes == shape])


@pytest.mark.parametrize("alpha", [5e-324, 1e-300, 1e-8, 1e16, 1e300])
def test_extreme_shapes_give_numbers(alpha):
    sample = distributions.dirichlet(FEW, (alpha, alpha, 1.0), 0)
    assert ((sample >= 0) & (sample <= 1)).all()
    assert np.isfinite(distributions.gamma(FEW, alpha, 0)).all()


def test_golden():
    sample = np.concatenate([distributions.gamma(FEW, 0.3, 1), distributions.dirichlet(FEW, (0.5, 1, 2), 1).ravel()])
    assert hashlib.sha256(sample.tobytes()).hexdigest()[:16] == "ad5ba84f6e346ef8"
