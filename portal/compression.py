"""Pages packed for the wire: quickly, since each is made for one look."""

import secrets
import zlib

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware import gzip
from django.utils.cache import patch_vary_headers

LEVEL = 3
"""A page takes a third of the time of Django's level 6, for a tenth more bytes."""

SHORT = 200
_HAS_NAME, _HEAD = 0x08, 10


class GZipMiddleware(gzip.GZipMiddleware):
    """Does pages itself, and leaves to Django whatever is special."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not isinstance(response, HttpResponse) or not _is_page_for(request, response):
            return super().process_response(request, response)
        packed = _padded(zlib.compress(response.content, LEVEL, wbits=31))
        response.content = packed
        response.headers["Content-Length"] = str(len(packed))
        response.headers["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ("Accept-Encoding",))
        return response


def _is_page_for(request: HttpRequest, response: HttpResponse) -> bool:
    is_page = response.get("Content-Type", "").startswith("text/html")
    is_plain = not (response.has_header("Content-Encoding") or response.has_header("ETag"))
    accepts = "gzip" in request.headers.get("Accept-Encoding", "")
    return is_page and is_plain and accepts and len(response.content) >= SHORT


def _padded(packed: bytes) -> bytes:
    """With a name of any length, so that the size tells nothing of what is in it (BREACH)."""
    name = b"a" * secrets.randbelow(gzip.GZipMiddleware.max_random_bytes) + b"\0"
    head = packed[:3] + bytes([packed[3] | _HAS_NAME]) + packed[4:_HEAD]
    return head + name + packed[_HEAD:]
