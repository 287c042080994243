"""Cost Explorer: asked by many at once, killed after it was paid, and a source that keeps moving."""

import json
import threading
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import connection
from django.test import override_settings
from django.utils import timezone

from billing import tasks
from billing.models import CostLine, Refresh
from billing.spending import refreshes
from portal import jobs
from portal.models import User
from tests.faults.browser import at_once
from tests.faults.lab import Lab
from tests.faults.outcome import Outcome, fault

CLICKS, BEATS, WORKERS = 20, 2, 10
SEAMS = ("before-call", "after-call", "before-commit", "before-ack")
NO_LIMIT = {"COST_EXPLORER_DAILY_LIMIT": 100_000}


def _paid(lab):
    return len(lab.cloud.ledger(service="ce"))


def _recorded():
    return sum(Refresh.objects.values_list("requests", flat=True))


def _is_over():
    return not Refresh.objects.under_way().exists()


# Many at once ----------------------------------------------------------------------------------


@fault("refresh ×20, two beats, ten workers")
def pressed_by_many(lab: Lab):
    lab.fresh()
    Refresh.objects.all().delete()  # what connecting had asked for
    other = User.objects.create_user("other@lab.example", role=User.Role.FOUNDER)
    with lab.at_work(web=True, workers=2):
        browsers = [lab.browser(), lab.browser(other)] * (CLICKS // 2)
        lab.until(lambda: browsers[0].get("/healthz").status == 200, seconds=60)
        clicks = [lambda each=each: each.post("/spend/refresh/") for each in browsers]
        beats = [_on_its_own(tasks.refresh_spend)] * BEATS
        answers = at_once([*clicks, *beats, *[_on_its_own(_work)] * WORKERS])[:CLICKS]
        for refresh in Refresh.objects.all():
            for _ in range(WORKERS):
                jobs.enqueue(Refresh, [refresh.pk])
        lab.until(_is_over)
    paid, recorded = _paid(lab), _recorded()
    failed = sum(answer.status != 302 for answer in answers)
    return Outcome(
        injected=CLICKS + BEATS + WORKERS,
        lost=int(not Refresh.objects.done().exists()),
        twice=max(0, paid - 1) + max(0, Refresh.objects.count() - 1),
        wrong=failed + abs(paid - recorded),
        note=f"{paid} paid, {recorded} on record",
    )


def _on_its_own(job):
    """In a thread: its connection to the database ends with it."""

    def run():
        try:
            job()
        finally:
            connection.close()

    return run


def _work():
    for refresh in Refresh.objects.under_way():
        refreshes.carry_out(refresh.pk)


# Killed after it was paid ----------------------------------------------------------------------


@fault("kill -9 between Cost Explorer and commit")
def killed_after_paying(lab: Lab):
    lab.fresh()
    kills, crash = lab.some(40), ",".join(f"{name}=0.4" for name in SEAMS)
    with (
        override_settings(**NO_LIMIT),
        lab.at_work(crash=crash, kills=kills, **NO_LIMIT) as keeper,
    ):
        lab.until(_is_over)
        count = 1
        while len(keeper.deaths) < kills and count < 10 * kills:
            asked = refreshes.ask(now=timezone.now(), has_cool_down=False)
            jobs.enqueue(Refresh, [asked.pk])
            lab.until(_is_over)
            count += 1
        last = _last_refresh(lab)
        recovery, died = keeper.recovery(), len(keeper.deaths)
    paid, recorded = _paid(lab), _recorded()
    stopped = Refresh.objects.filter(outcome=Refresh.Outcome.INTERRUPTED)
    return Outcome(
        injected=died,
        lost=max(0, paid - recorded) + int(last.outcome != Refresh.Outcome.DONE),
        twice=max(0, paid - Refresh.objects.count() - died),
        wrong=max(0, recorded - paid - died) + stopped.filter(reason="").count() + _differing(lab),
        recovery=recovery,
        note=f"{Refresh.objects.count()} refreshes, {paid} paid, {recorded} on record",
    )


def _last_refresh(lab):
    """One that nobody kills, so that the figures are whole whatever was interrupted."""
    asked = refreshes.ask(now=timezone.now(), has_cool_down=False)
    jobs.enqueue(Refresh, [asked.pk])
    lab.until(lambda: Refresh.objects.filter(pk=asked.pk).exclude(finished_at=None).exists())
    asked.refresh_from_db()
    return asked


def _differing(lab):
    """Days on which the portal's sum is not AWS's own."""
    window = refreshes.window(timezone.now().date())
    answer = lab.cloud.client("ce").get_cost_and_usage(
        TimePeriod={"Start": window.start.isoformat(), "End": window.end.isoformat()},
        Granularity="DAILY",
        Metrics=["UnblendedCost"],
        Filter={"Dimensions": {"Key": "SERVICE", "Values": ["Kiro"]}},
    )
    days = Counter()
    for day, amount in CostLine.objects.values_list("date", "amount"):
        days[day.isoformat()] += amount
    return sum(
        days[each["TimePeriod"]["Start"]] != Decimal(each["Total"]["UnblendedCost"]["Amount"])
        for each in answer["ResultsByTime"]
    )


# A source that keeps moving --------------------------------------------------------------------

MOODS = ("fine", "pages", "pages", "restated", "late", "moves", "loses-token", "empty", "throttled")
PAGES = (1, 2, 7)
RECORDS = ("FlatRateSubscription", "Usage", "Tax", "Credit", "Refund")


class Source(ThreadingHTTPServer):
    """Cost Explorer as it answers over the network, out of `lines`: {(day, record): amount}.

    A page token belongs to the bill that its first page was of. In the mood `moves` a line comes
    in between two pages, and the token goes on counting; `loses-token` refuses every token.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lines, self.mood, self.pages, self.asked = {}, "fine", 1, 0
        threading.Thread(target=self.serve_forever, args=[0.02], daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, asked):
        self.asked += 1
        token, period = asked.get("NextPageToken"), asked["TimePeriod"]
        if self.mood == "throttled" or (token and self.mood == "loses-token"):
            code = "LimitExceededException" if not token else "InvalidNextTokenException"
            return 400, {"__type": code, "message": "no"}
        if self.mood == "empty":
            return 200, {"ResultsByTime": []}
        if token and self.mood == "moves":
            self.lines[(period["Start"], "0 new")] = "1"
        inside = [
            (*key, amount)
            for key, amount in sorted(self.lines.items())
            if period["Start"] <= key[0] < period["End"]
        ]
        return 200, self._page(inside, int(token or 0))

    def _page(self, inside, number):
        size = -(-len(inside) // self.pages)
        body = {"ResultsByTime": [_day(*line) for line in inside[number * size :][:size]]}
        if number + 1 < self.pages:
            body["NextPageToken"] = str(number + 1)
        return body

    def stop(self):
        self.shutdown()
        self.server_close()


def _day(day, record, amount):
    cost = {"Amount": amount, "Unit": "USD"}
    groups = [{"Keys": [record, "USE1-KiroEnterprise-Pro"], "Metrics": {"UnblendedCost": cost}}]
    period = {"Start": day, "End": day}
    return {"TimePeriod": period, "Groups": groups, "Total": {}, "Estimated": False}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, body = self.server.answer(asked)
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@fault("Cost Explorer restates, pages, loses its token")
def moving_source(lab: Lab):
    """After each of 30 refreshes the portal has the source's bill as it was read, or the one before."""
    lab.fresh()
    Refresh.objects.all().delete()
    source, wrong, moods = Source(), 0, Counter()
    lab.point_at(source.url)
    try:
        with override_settings(**NO_LIMIT):
            for number in range(30):
                source.mood = "fine" if not number else lab.dice.choice(MOODS)
                moods[source.mood] += 1
                wrong += not _refreshed_well(lab, source)
    finally:
        lab.point_at(lab.cloud.url)
        source.stop()
    recorded = _recorded()
    note = ", ".join(f"{count} {mood}" for mood, count in sorted(moods.items()))
    return Outcome(injected=30, twice=abs(source.asked - recorded), wrong=wrong, note=note)


def _refreshed_well(lab, source):
    _restate(lab.dice, source)
    before, source.pages = _stored(), 1 if source.mood == "fine" else lab.dice.choice(PAGES)
    bill = dict(source.lines)
    asked = refreshes.ask(now=timezone.now(), has_cool_down=False)
    refreshes.carry_out(asked.pk)
    asked.refresh_from_db()
    if asked.outcome == Refresh.Outcome.DONE:
        # A bill that moved between its pages and was read all the same has to be whole.
        return _stored() in (_as_stored(bill), _as_stored(source.lines))
    is_trouble = source.mood in {"moves", "loses-token", "empty", "throttled"}
    return is_trouble and _stored() == before and bool(asked.reason)


def _restate(dice, source):
    """Other amounts for some days, a day that comes in late, a line that is gone."""
    today = timezone.now().date()
    known_to = today - timedelta(days=3 if source.mood == "late" else 0)
    first = refreshes.window(today).start if not source.lines else today - timedelta(days=20)
    for ordinal in range(first.toordinal(), known_to.toordinal() + 1):
        for record in RECORDS:
            if not source.lines or dice.random() < 0.3:
                key = (date.fromordinal(ordinal).isoformat(), record)
                source.lines[key] = str(Decimal(dice.randrange(-(10**13), 10**13)) / 10**10)
    if len(source.lines) > 100:
        late = [key for key in source.lines if key[0] > (today - timedelta(days=20)).isoformat()]
        del source.lines[dice.choice(late)]


def _stored():
    rows = CostLine.objects.values_list("date", "record_type", "amount")
    return {(day.isoformat(), record): amount for day, record, amount in rows}


def _as_stored(lines):
    return {key: Decimal(amount) for key, amount in lines.items()}
