"""What browsers ask for without being told of it."""

import struct
from contextlib import closing

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "kind"), [("/favicon.ico", "icon"), ("/apple-touch-icon.png", "png")]
)
def test_it_is_there_for_everybody(client, path, kind):
    with closing(client.get(path)) as response:
        assert response.status_code == 200
        assert kind in response.headers["Content-Type"]


def test_the_icon_has_three_sizes(client):
    with closing(client.get("/favicon.ico")) as response:
        content = response.getvalue()

    reserved, kind, images = struct.unpack("<HHH", content[:6])
    assert (reserved, kind, images) == (0, 1, 3)
