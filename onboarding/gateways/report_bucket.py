"""Gateway to the bucket of Kiro's activity reports: is it there, and does a report lie in it?

Only names are listed here, never a file's content.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from datetime import datetime
from typing import Any

from portal import aws
from portal.aws import aws_call


def folder(prefix: str, account_id: str) -> str:
    """Where the reports lie; the prompt logs beside them are none of ours."""
    start = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    return f"{start}AWSLogs/{account_id}/KiroLogs/user_report/"


def newest(bucket: str, folder: str) -> tuple[str, datetime] | None:
    """A file in the folder and when it was written, or None when there is none.

    Of more than a thousand the newest of the first thousand will do. Raises: AwsError.
    """
    asked: dict[str, Any] = {"Bucket": bucket, "MaxKeys": 1000, "Prefix": folder}
    with aws_call("ListObjectsV2"):
        answer = aws.client("s3").list_objects_v2(**asked)
    files = answer.get("Contents", [])
    found = max(files, key=lambda file: file["LastModified"], default=None)
    return (found["Key"], found["LastModified"]) if found else None
