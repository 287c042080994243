"""Pages on the wire: packed for who can unpack them, and never of a size that tells something."""

import gzip

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from portal.compression import GZipMiddleware

PAGE = "<p>Ada Lovelace</p>" * 100


def answered(response, accepts="gzip, br"):
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepts})
    return GZipMiddleware(lambda _request: response)(request)


def test_a_page_comes_packed_and_whole():
    answer = answered(HttpResponse(PAGE))

    assert gzip.decompress(answer.content).decode() == PAGE
    assert answer["Content-Length"] == str(len(answer.content))
    assert len(answer.content) < len(PAGE) / 5


def test_its_size_is_another_each_time():
    assert len({len(answered(HttpResponse(PAGE)).content) for _ in range(30)}) > 10


@pytest.mark.parametrize("accepts", ["gzip", "br"])
def test_caches_are_told_that_there_are_two(accepts):
    assert answered(HttpResponse(PAGE), accepts)["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "response",
    [HttpResponse("short"), HttpResponse(PAGE, headers={"Content-Encoding": "br"})],
)
def test_what_is_short_or_packed_already_is_left_alone(response):
    before = response.content

    assert answered(response).content == before


def test_nobody_gets_what_they_cannot_read():
    assert answered(HttpResponse(PAGE), accepts="br").content.decode() == PAGE


def test_a_stream_is_packed_as_it_goes():
    answer = answered(StreamingHttpResponse([PAGE]))

    assert gzip.decompress(b"".join(answer.streaming_content)).decode() == PAGE


def test_an_edition_that_caches_compare_stays_comparable():
    answer = answered(HttpResponse(PAGE, headers={"ETag": '"1"'}))

    assert answer["ETag"] == 'W/"1"'
