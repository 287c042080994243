"""A report is read while the months are summed up: the sums know of it, or will."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import OperationalError, connection, transaction

from billing.models import ReportFile
from billing.usage import report_sync
from tests.billing.factories import make_report_file
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db(transaction=True)

EARLIER, LATER = date(2026, 9, 30), date(2026, 11, 2)


def another_worker():
    """Takes a batch in that reaches further back, unless the file is held just then."""
    try:
        with transaction.atomic():
            ReportFile.objects.select_for_update(nowait=True).get()
            ReportFile.objects.update(first_day=EARLIER, is_summed=False)
    except OperationalError:
        pass
    finally:
        connection.close()


def test_what_changes_after_the_look_is_not_marked_as_summed():
    make_workspace()
    make_report_file(day=LATER, first_day=LATER, last_day=LATER, is_summed=False)

    looks = []

    def after_the_look(execute, sql, params, many, context):
        found = execute(sql, params, many, context)
        if sql.startswith("SELECT") and "billing_reportfile" in sql and not looks:
            looks.append(sql)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(another_worker).result()
        return found

    with connection.execute_wrapper(after_the_look):
        report_sync.conclude()

    assert not ReportFile.objects.filter(first_day=EARLIER, is_summed=True).exists()
