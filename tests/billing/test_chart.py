"""The geometry holds for any amounts: nothing outside, nothing overlapping, nothing out of scale."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.charts import chart, drawing
from billing.charts.chart import Stack

money = st.decimals(-(10**7), 10**7, places=4)
stacks = st.lists(
    st.builds(
        lambda amounts, covered: chart.Stack(
            "x", [(f"p{i}", a) for i, a in enumerate(amounts)], covered
        ),
        st.lists(money, max_size=7),
        money,
    ),
    min_size=1,
    max_size=62,
)


def ys(drawn):
    for bar in drawn.bars:
        for segment in bar.segments:
            yield segment.y
            yield segment.y + segment.height
        if bar.cap_y is not None:
            yield bar.cap_y


@settings(deadline=None)  # a busy machine is no failure
@given(stacks)
def test_nothing_leaves_the_plot(given_stacks):
    drawn = chart.stacked_bars(given_stacks)

    assert all(-0.02 <= y <= drawn.height + 0.02 for y in ys(drawn))
    assert all(bar.cap_x >= 0 and bar.cap_x + bar.cap_width <= 100.01 for bar in drawn.bars)


@settings(deadline=None)  # a busy machine is no failure
@given(stacks)
def test_bars_do_not_touch(given_stacks):
    bars = chart.stacked_bars(given_stacks).bars

    assert all(a.cap_x + a.cap_width < b.cap_x for a, b in itertools.pairwise(bars))


@settings(deadline=None)  # a busy machine is no failure
@given(stacks)
def test_segments_stand_on_each_other(given_stacks):
    for bar in chart.stacked_bars(given_stacks).bars:
        amounts = [amount for _, amount in bar.stack.parts if amount]
        for positive in (True, False):
            same = [s for s, a in zip(bar.segments, amounts, strict=True) if (a > 0) is positive]
            for below, above in itertools.pairwise(same):
                joint = (
                    (below.y, above.y + above.height)
                    if positive
                    else (above.y, below.y + below.height)
                )
                assert joint[0] == pytest.approx(joint[1], abs=0.02)


@settings(deadline=None)  # a busy machine is no failure
@given(stacks)
def test_heights_are_in_proportion(given_stacks):
    drawn = chart.stacked_bars(given_stacks)
    first, last = drawn.grid[0], drawn.grid[-1]
    pixels = (first.y - last.y) / float(last.value - first.value)

    for bar in drawn.bars:
        amounts = [abs(amount) for _, amount in bar.stack.parts if amount]
        for segment, amount in zip(bar.segments, amounts, strict=True):
            assert segment.height == pytest.approx(float(amount) * pixels, rel=1e-2, abs=0.1)


@given(money, money)
def test_the_axis_has_few_round_lines_with_zero_among_them(a, b):
    lowest, highest = min(a, b, Decimal(0)), max(a, b, Decimal(0))

    values = chart.axis(lowest, highest)

    assert 2 <= len(values) <= chart.MOST_LINES
    assert Decimal(0) in values
    assert values[-1] >= highest or values[0] <= lowest
    step = (values[1] - values[0]).normalize()
    assert step.as_tuple().digits in {(1,), (2,), (2, 5), (5,)}
    assert all(after - before == step for before, after in itertools.pairwise(values))


@given(st.integers(1, 62))
def test_labels_fit_the_plot_and_a_phone(count):
    bars = chart.stacked_bars([chart.Stack("x", [])] * count).bars

    assert sum(bar.has_label for bar in bars) <= chart.MOST_LABELS
    assert sum(bar.is_rare for bar in bars) <= chart.MOST_RARE_LABELS
    assert bars[-1].has_label
    assert bars[-1].is_rare


def test_nothing_at_all_is_still_a_chart():
    drawn = chart.stacked_bars([])

    assert [line.label for line in drawn.grid] == ["$0.00", "$0.10"]


def test_a_day_without_cost_has_no_segments():
    bar = chart.stacked_bars([chart.Stack("x", [("a", Decimal(0))])]).bars[0]

    assert (bar.segments, bar.cap_y) == ((), None)


def test_refunds_hang_below_zero():
    drawn = chart.stacked_bars([chart.Stack("x", [("a", Decimal(100)), ("r", Decimal(-20))])])
    zero = next(line.y for line in drawn.grid if line.value == 0)

    assert drawn.bars[0].segments[1].y == zero


def test_credits_that_cover_all_cap_the_bar():
    drawn = chart.stacked_bars([chart.Stack("x", [("a", Decimal(100))], Decimal(100))])

    assert drawn.bars[0].cap_y == drawn.bars[0].segments[0].y


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        ("512", ["$0", "$200", "$400", "$600"]),
        ("0.05", ["$0.00", "$0.02", "$0.04", "$0.06"]),
        ("3", ["$0", "$1", "$2", "$3"]),
        ("30000", ["$0", "$10k", "$20k", "$30k"]),
        ("4000", ["$0", "$2,000", "$4,000"]),
        ("7000000", ["$0", "$2.5M", "$5M", "$7.5M"]),
    ],
)
def test_axis_labels_are_short(highest, labels):
    values = chart.axis(Decimal(0), Decimal(highest))

    assert [chart.axis_label(value, values[1] - values[0]) for value in values] == labels


def test_axis_labels_have_a_true_minus():
    assert chart.axis_label(Decimal(-50), Decimal(50)) == "−$50"


def test_the_net_line_goes_from_bar_to_bar():
    made = [
        Stack(name, [("pro", Decimal(10))], net=Decimal(net)) for name, net in (("a", 0), ("b", 10))
    ]

    drawn = chart.stacked_bars(made)

    assert [bar.net_y for bar in drawn.bars] == [chart.HEIGHT, 0]
    assert drawing.net_line(drawn).count("<line") == 1


def test_without_a_net_there_is_no_line():
    assert drawing.net_line(chart.stacked_bars([Stack("a", [("pro", Decimal(10))])])) == ""


def test_a_net_beyond_the_bars_still_fits():
    drawn = chart.stacked_bars([Stack("a", [("pro", Decimal(10))], net=Decimal(-30))])

    assert 0 <= drawn.bars[0].net_y <= chart.HEIGHT


def test_what_is_estimated_is_hatched():
    stacks = [
        Stack("a", [("pro", Decimal(10))], is_estimated=True),
        Stack("b", [("pro", Decimal(10))]),
    ]

    drawn = drawing.bars(chart.stacked_bars(stacks), [("a", "a"), ("b", "b")], hatch="hatch-USD")

    assert drawn.count("url(#hatch-USD)") == 1
