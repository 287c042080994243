"""Trouble on demand: the quota, throttling, errors, slowness, refusals, and answers that never
come.
"""

import contextlib
import threading
import time
import uuid

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError

from portal.sandbox import company

STORE = company.IDENTITY_STORE_ID


@pytest.fixture
def store(sandbox):
    return sandbox.client("identitystore")


def create(store, name):
    return store.create_user(
        IdentityStoreId=STORE,
        UserName=name,
        DisplayName="F",
        Name={"GivenName": "F", "FamilyName": "F"},
        Emails=[{"Value": name}],
    )


def exists(store, name):
    unique = {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}}
    try:
        return bool(store.get_user_id(IdentityStoreId=STORE, AlternateIdentifier=unique))
    except store.exceptions.ResourceNotFoundException:
        return False


def response_of(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response


def switch_on(sandbox, **fault):
    status, faults = sandbox.control("POST", "faults", [fault])
    assert status == 200
    return faults


def test_the_quota_is_one_for_all_identity_center_calls(sandbox, store):
    sandbox.control("POST", "limits", {"rate": 0.001, "burst": 4})
    center = sandbox.client("sso-admin")

    for _ in range(2):
        store.list_groups(IdentityStoreId=STORE)
        center.list_instances()

    error = response_of(store.list_groups, IdentityStoreId=STORE)
    assert (error["Error"]["Code"], error["RetryAfterSeconds"]) == ("ThrottlingException", 1)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response_of(center.list_instances)["Error"]["Code"] == "ThrottlingException"
    assert sandbox.client("sts").get_caller_identity()


def test_the_quota_fills_up_again(sandbox, store):
    sandbox.control("POST", "limits", {"rate": 20, "burst": 1})
    store.list_groups(IdentityStoreId=STORE)

    time.sleep(0.1)

    assert store.list_groups(IdentityStoreId=STORE)


def test_the_quota_is_on_by_default(fresh):
    _, limits = fresh("--empty").control("GET", "limits")

    assert (limits["rate"], limits["burst"]) == (20, 20)


def test_a_throttled_create_is_not_applied(sandbox, store):
    switch_on(sandbox, kind="throttle", service="identitystore", operation="CreateUser", times=1)

    error = response_of(create, store=store, name="throttled@x.example")

    assert error["Error"]["Code"] == "ThrottlingException"
    assert not exists(store, "throttled@x.example")
    assert create(store, "throttled@x.example")


def test_a_dropped_create_is_applied_and_never_answered(sandbox, store):
    switch_on(sandbox, kind="drop", operation="CreateUser", match="dropped@x.example")

    with pytest.raises(ConnectionClosedError):
        create(store, "dropped@x.example")

    assert exists(store, "dropped@x.example")
    entry = sandbox.control("GET", "ledger?operation=CreateUser")[1][-1]
    assert (entry["status"], entry["applied"], entry["fault"]) == (None, True, "drop")


def test_a_reset_create_is_not_applied(sandbox, store):
    switch_on(sandbox, kind="reset", operation="CreateUser", times=1)

    with pytest.raises(ConnectionClosedError):
        create(store, "reset@x.example")

    assert not exists(store, "reset@x.example")


def test_boto3s_own_retry_after_a_drop_meets_a_conflict(sandbox):
    store = sandbox.client("identitystore", retries={"total_max_attempts": 3, "mode": "standard"})
    switch_on(sandbox, kind="drop", operation="CreateUser", times=1)

    error = response_of(create, store=store, name="retried@x.example")

    assert error["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION"


def test_a_drop_cuts_other_services_too(sandbox):
    switch_on(sandbox, kind="drop", service="sts", times=1)

    with pytest.raises(ConnectionClosedError):
        sandbox.client("sts").get_caller_identity()


def test_an_error_is_answered_with_its_code_and_status(sandbox, store):
    switch_on(
        sandbox,
        kind="error",
        service="identitystore",
        code="InternalServerException",
        status=500,
        times=1,
    )

    error = response_of(store.list_users, IdentityStoreId=STORE)

    assert (error["Error"]["Code"], error["RetryAfterSeconds"]) == ("InternalServerException", 1)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_refusal_is_access_denied(sandbox):
    switch_on(sandbox, kind="deny", service="billing")

    billing = sandbox.client("billing")

    with pytest.raises(billing.exceptions.AccessDeniedException):
        billing.get_credits(accountId=company.ACCOUNT_ID, startDate=time.time())


def test_an_error_speaks_the_protocol_of_its_service(sandbox):
    switch_on(sandbox, kind="deny")

    for call in (sandbox.client("s3").list_buckets, sandbox.client("sts").get_caller_identity):
        assert response_of(call)["Error"]["Code"] == "AccessDeniedException"


def test_a_slow_call_is_slow(sandbox, store):
    switch_on(sandbox, kind="slow", operation="ListGroups", delay=0.2)
    started = time.monotonic()

    store.list_groups(IdentityStoreId=STORE)

    assert time.monotonic() - started > 0.2


def test_a_slow_call_holds_up_nobody_else(sandbox, store):
    switch_on(sandbox, kind="slow", operation="ListGroups", delay=60)

    def wait_for_it():
        with contextlib.suppress(BotoCoreError, ClientError):  # the session ends before the answer
            store.list_groups(IdentityStoreId=STORE)

    slow = threading.Thread(target=wait_for_it, daemon=True)
    slow.start()

    store.list_users(IdentityStoreId=STORE)

    assert slow.is_alive()


def test_a_fault_ends_after_its_times(sandbox, store):
    switch_on(sandbox, kind="throttle", times=2)

    codes = [
        response_of(store.list_groups, IdentityStoreId=STORE)["Error"]["Code"] for _ in range(2)
    ]

    assert codes == ["ThrottlingException"] * 2
    assert store.list_groups(IdentityStoreId=STORE)
    assert sandbox.control("GET", "faults")[1] == []


def test_a_fault_ends_after_its_seconds(sandbox, store):
    switch_on(sandbox, kind="throttle", seconds=0.05)

    time.sleep(0.1)

    assert store.list_groups(IdentityStoreId=STORE)


def test_a_share_with_a_seed_falls_the_same_way_twice(sandbox, store):
    def run():
        sandbox.control("DELETE", "faults")
        sandbox.control(
            "POST", "faults", {"seed": 7, "faults": [{"kind": "throttle", "share": 0.5}]}
        )
        outcomes = []
        for _ in range(12):
            try:
                store.list_groups(IdentityStoreId=STORE)
                outcomes.append(True)
            except ClientError:
                outcomes.append(False)
        return outcomes

    first = run()

    assert first == run()
    assert {True, False} == set(first)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "explode"},
        {},
        {"kind": "drop", "colour": "red"},
        "drop",
        {"kind": "drop", "times": "x"},
    ],
)
def test_what_is_no_fault_is_refused_with_a_sentence(sandbox, fault):
    status, answer = sandbox.control("POST", "faults", [fault])

    assert (status, bool(answer["error"])) == (400, True)


def test_latency_is_added_to_every_call(sandbox, store):
    sandbox.control("POST", "limits", {"latency_ms": 100})
    started = time.monotonic()

    store.list_groups(IdentityStoreId=STORE)

    assert time.monotonic() - started > 0.1


def test_parallel_creates_of_one_name_make_one_user(sandbox, store):
    name, made = f"{uuid.uuid4()}@x.example", []

    def attempt():
        with contextlib.suppress(store.exceptions.ConflictException):
            made.append(create(store, name)["UserId"])

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 1
