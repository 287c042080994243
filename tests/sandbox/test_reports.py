"""Kiro's activity reports, as files in S3."""

import csv
import datetime as dt
import io

import pytest

from portal.sandbox import company, reports

TODAY = dt.datetime.now(dt.UTC).date()
PREFIX = f"kiro/AWSLogs/{company.ACCOUNT_ID}/KiroLogs/user_report/us-east-1/"


@pytest.fixture(scope="module")
def files(shared):
    s3 = shared.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=company.REPORT_BUCKET, Prefix=PREFIX
    )
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return {
        key: s3.get_object(Bucket=company.REPORT_BUCKET, Key=key)["Body"].read()
        for key in keys[-40:]
    }


def rows(body):
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_files_lie_where_kiro_puts_them(files):
    for key in files:
        name = key.rpartition("/")[2]
        assert name.startswith(
            ("KIRO_IDE_123456789012_", "KIRO_CLI_123456789012_", "PLUGIN_123456789012_")
        )
        dt.date(*map(int, key.removeprefix(PREFIX).split("/")[:3]))


def test_rows_are_of_people_in_the_directory(files):
    known = {person.directory_user_id for person in company.in_directory()}

    found = {row["UserId"].rpartition(".")[2] for body in files.values() for row in rows(body)}

    assert found <= known
    assert len(found) > 3


def test_the_columns_that_always_come_are_always_there(files):
    for body in files.values():
        assert {"Date", "UserId", "Client_Type", "Credits_Used", "Subscription_Tier"} <= set(
            rows(body)[0]
        )


def test_a_new_object_is_listed_beside_them(sandbox):
    s3 = sandbox.client("s3")

    s3.put_object(
        Bucket=company.REPORT_BUCKET, Key="other/file.csv", Body=b"x", Metadata={"made-by": "test"}
    )

    assert s3.get_object(Bucket=company.REPORT_BUCKET, Key="other/file.csv")["Body"].read() == b"x"


def export(day):
    now = dt.datetime.combine(day, dt.time(12), dt.UTC)
    return dict(reports.files(day, first=day - dt.timedelta(days=reports.DAYS), now=now))


def test_the_oddities_of_real_exports_all_occur():
    found = export(dt.date(2026, 11, 22))

    headers = {tuple(rows(body)[0]) for body in found.values()}
    tiers = {row["Subscription_Tier"] for body in found.values() for row in rows(body)}
    ids = {row["UserId"] for body in found.values() for row in rows(body)}
    days_and_clients = [key.rpartition("_user_report_")[0] for key in found]
    assert len(headers) > 2
    assert {"PRO_PLUS", "ProPlus", "KiroEnterprise-ProPlus"} <= tiers
    assert any(body.startswith(b"\xef\xbb\xbf") for body in found.values())
    assert any(body.startswith(b'"Date"') for body in found.values())
    assert {user_id.startswith("d-") for user_id in ids} == {True, False}
    assert len(days_and_clients) > len(set(days_and_clients))


def test_a_report_is_exported_at_two_the_next_day():
    day = dt.date(2026, 11, 18)
    before = dt.datetime(2026, 11, 19, 1, 59, tzinfo=dt.UTC)

    assert list(reports.files(day, first=day, now=before)) == []
    assert list(reports.files(day, first=day, now=before + dt.timedelta(minutes=1)))


def test_the_past_does_not_change():
    anchor = dt.date(2026, 11, 22)
    first = anchor - dt.timedelta(days=30)

    def until(hour):
        return dict(
            reports.files(anchor, first=first, now=dt.datetime(2026, 11, hour, 12, tzinfo=dt.UTC))
        )

    assert until(20).items() <= until(28).items()


def test_the_sample_company_has_something_for_every_part_of_the_seats_page():
    anchor = dt.date(2026, 11, 22)
    found = [row for body in export(anchor).values() for row in rows(body)]

    def of(person):
        return [row for row in found if row["UserId"].endswith(person.directory_user_id)]

    people = {person.given_name: person for person in company.PEOPLE}
    last_of_ines = max(dt.date.fromisoformat(row["Date"]) for row in of(people["Ines"]))
    assert len({row["Date"][:7] for row in of(people["Mateo"])}) >= 4
    assert (anchor - last_of_ines).days >= 14
    assert any(float(row["Overage_Credits_Used"]) > 0 for row in of(people["Zoë"]))
    assert {row["Subscription_Tier"].lower().rpartition("-")[2] for row in of(people["Jonas"])} == {
        "pro"
    }
    by_month = {}
    for row in of(people["Zoë"]):
        by_month.setdefault(row["Date"][:7], []).append(float(row["Credits_Used"]))
    assert sum(by_month["2026-10"]) > company.PLAN_BY_CODE["power"].credits
    assert of(company.STRANGER)
    assert not of(people["Samuel"])
