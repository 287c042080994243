"""Gateway to Kiro's activity reports in S3: which files there are, and what is in one of them.

The logs of what people asked lie in the same bucket. What does not look like a report in every
part of its key is neither listed to anybody nor opened.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from portal.aws import aws_call, client

CHUNK = 256 * 1024
PAGE = 1000
GONE = "NoSuchKey"
CHANGED = "PreconditionFailed"

_KEY = re.compile(
    r"(?:.*/)?AWSLogs/(?P<account>\d{12})/KiroLogs/user_report/(?P<region>[a-z0-9-]{1,32})"
    r"/(?P<day>\d{4}/\d\d/\d\d)/\d\d/(?P<client>[A-Za-z][A-Za-z0-9_]{0,39}?)_(?P=account)_user_report_"
    r"(?P<stamp>[^/]*)\.csv"
)
_STAMPS = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M"}


@dataclass(frozen=True, slots=True)
class ReportObject:
    """One export, by its key; `written_at` is the time in its name, else that of the object."""

    key: str
    etag: str
    size: int
    account_id: str
    region: str
    day: date
    client: str
    written_at: datetime


def regions(bucket: str, folder: str) -> list[str]:
    """The Regions that have reports. Raises: AwsError."""
    asked = {"Bucket": bucket, "Prefix": folder, "Delimiter": "/"}
    found = [each["Prefix"] for page in _pages(asked) for each in page.get("CommonPrefixes", [])]
    return [prefix.removeprefix(folder).strip("/") for prefix in found]


def listed(
    bucket: str, folder: str, *, region: str, since: date | None
) -> Iterator[list[ReportObject]]:
    """The Region's exports from the reports of `since` on, page by page. Raises: AwsError."""
    prefix = f"{folder}{region}/"
    asked = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": PAGE}
    if since is not None:
        asked["StartAfter"] = f"{prefix}{since:%Y/%m/%d}"
    for page in _pages(asked):
        found = (_report_object(each) for each in page.get("Contents", []))
        yield [each for each in found if each is not None]


def _pages(asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    token: str | None = ""
    while token is not None:
        more = {"ContinuationToken": token} if token else {}
        with aws_call("ListObjectsV2"):
            answer: dict[str, Any] = client("s3").list_objects_v2(**asked, **more)
        yield answer
        token = answer.get("NextContinuationToken")


def chunks(bucket: str, key: str, *, etag: str) -> Iterator[bytes]:
    """The file as it was listed, piece by piece, never whole in memory.

    Raises: AwsError, with `GONE` or `CHANGED` as its code when it is not there as listed any more.
    """
    if _KEY.fullmatch(key) is None:
        raise ValueError("not a report")
    with aws_call("GetObject"):
        body = client("s3").get_object(Bucket=bucket, Key=key, IfMatch=etag)["Body"]
    pieces = body.iter_chunks(CHUNK)
    try:
        while True:
            with aws_call("GetObject"):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece
    finally:
        body.close()


# Keys ------------------------------------------------------------------------------------------


def _report_object(listing: dict[str, Any]) -> ReportObject | None:
    """None for whatever else lies there: logs, folders, files of somebody's own."""
    match = _KEY.fullmatch(listing["Key"])
    day = _day(match["day"]) if match else None
    if match is None or day is None:
        return None
    return ReportObject(
        key=listing["Key"],
        etag=listing["ETag"].strip('"'),
        size=listing["Size"],
        account_id=match["account"],
        region=match["region"],
        day=day,
        client=match["client"].upper(),
        written_at=_written_at(match["stamp"]) or listing["LastModified"],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None


def _written_at(stamp: str) -> datetime | None:
    """`20261122020000`, and the same with signs between or a part of a second after it."""
    digits = re.sub(r"\D", "", stamp, flags=re.ASCII)
    length = min(len(digits), 14)
    try:
        return datetime.strptime(digits[:length], _STAMPS[length]).replace(tzinfo=UTC)
    except (KeyError, ValueError):
        return None
