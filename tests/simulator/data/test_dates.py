import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.data import open_dataset
from simulator.data.dates import order_of, read_dates
from simulator.data.steps.parts import DATE_PARTS, parts_of
from simulator.errors import ConfigError, DatasetError

SPELT = {
    "ymd": ("%Y-%m-%d", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"),
    "dmy": ("%d.%m.%Y", "%d/%m/%Y %H:%M:%S"),
    "mdy": ("%m/%d/%Y", "%m-%d-%Y"),
}

FIRST, LAST, EPOCH = (datetime.datetime(year, 1, 1) for year in (1000, 2999, 1970))  # noqa: DTZ001 - as in a table


def column(*texts):
    return pd.Series(list(texts), name="day", dtype="str")


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["2007-11-30", "2008-01-02"], "ymd"),
        (["30.11.2007", "2.1.2008"], "dmy"),
        (["1.2.2008", "3.4.2008"], "dmy"),
        (["1/2/2008", "3/4/2008"], "mdy"),
        (["13/2/2008", "3/4/2008"], "dmy"),
        (["2/13/08", "3/4/08"], "mdy"),
        (["12:30", "7:05:10"], "ymd"),
        (["2007-11-30", "yesterday"], None),
        (["2007-13-30"], None),
        (["31.2.2007"], None),
        (["13/2/2008", "2/13/2008"], None),
        ([], None),
    ],
)
def test_the_order_of_day_month_and_year_is_found_out(texts, order):
    assert order_of(texts) == order


@given(st.datetimes(FIRST, LAST), st.data())
def test_every_part_of_a_date_is_that_of_the_calendar(moment, data):
    moment = moment.replace(microsecond=0)
    order = data.draw(st.sampled_from(sorted(SPELT)))
    pattern = data.draw(st.sampled_from(SPELT[order]))
    text = moment.strftime(pattern).zfill(len(moment.strftime(pattern)))
    moment = datetime.datetime.strptime(text, pattern)  # noqa: DTZ007 - a table's dates have no zone
    found = dict(zip(DATE_PARTS, parts_of(column(text), "date", tuple(DATE_PARTS), order)[0], strict=True))
    assert found == {
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "weekday": moment.isoweekday(),
        "day of year": moment.timetuple().tm_yday,
        "days": pytest.approx((moment - EPOCH).total_seconds() / 86400, abs=1e-9),
        "hour": moment.hour,
        "minute": moment.minute,
        "second": moment.second,
    }


def test_a_missing_date_is_missing_and_a_wrong_one_is_named():
    moments, refused = read_dates(column("2007-11-30", None, "soon"), "ymd")
    assert refused == 2
    assert np.isnat(moments[1])


@pytest.fixture
def eggs():
    days = [f"2007-{place % 12 + 1:02}-{place % 28 + 1:02}" for place in range(40)]
    return pd.DataFrame({"laid": days, "n": np.arange(40) % 7, "kind": ["a", "b"] * 20})


def test_a_date_becomes_the_parts_that_vary(eggs):
    dataset = open_dataset(eggs, features=["laid"], target="kind")
    assert dataset.feature_names == ("laid month", "laid day")
    real = dataset.recipe.real(dataset.X_test)
    expected = [[float(part) for part in text.split("-")[1:]] for text in eggs["laid"].iloc[dataset.test_rows]]
    np.testing.assert_allclose(real, expected, atol=1e-9)


def test_with_year_month_and_day_a_date_comes_back_as_it_stood(eggs):
    parts = ("year", "month", "day", "weekday")
    dataset = open_dataset(eggs, features=["laid"], target="kind", columns={"laid": {"parts": parts}})
    back = dataset.recipe.inverse(dataset.X_test)
    assert back["laid"].tolist() == eggs["laid"].iloc[dataset.test_rows].tolist()


def test_a_part_that_there_is_not_is_refused(eggs):
    with pytest.raises(ConfigError, match="century"):
        open_dataset(eggs, features=["laid"], target="kind", columns={"laid": {"parts": ["century"]}})


def test_a_column_said_to_hold_dates_that_does_not_is_refused_with_a_way_out(eggs):
    eggs.loc[3, "laid"] = "Easter"
    with pytest.raises(DatasetError, match="'Easter'") as error:
        open_dataset(eggs, features=["laid"], target="kind", columns={"laid": {"kind": "date"}})
    (offer,) = error.value.offers
    dataset = open_dataset(eggs, features=["laid"], target="kind", **offer.choices)
    assert dataset.feature_names == ("laid characters",)


@pytest.mark.parametrize(("way", "constant"), [("median", None), ("constant", "2007-03-04"), ("constant", None)])
def test_a_missing_date_is_filled_part_by_part(eggs, way, constant):
    eggs.loc[5, "laid"] = None
    decided = {"missing": way, "constant": constant, "parts": ("year", "month", "day"), "flag_missing": True}
    dataset = open_dataset(eggs, features=["laid"], target="kind", columns={"laid": decided})
    (row,) = dataset.recipe.real(dataset.recipe.transform(pd.DataFrame({"laid": [None]}, dtype="str")))
    held = eggs["laid"].iloc[dataset.train_rows].dropna().str.split("-", expand=True).astype(float)
    expected = {"median": held.median(), "constant": [2007, 3, 4] if constant else [1970, 1, 1]}[way]
    np.testing.assert_allclose(row[:3], expected)
    assert row[3] == 1
