"""Where webhooks may go, and where never: judged by the address, not by the name."""

import ipaddress
import socket

import pytest

from portal.webhooks import addresses
from portal.webhooks.addresses import BadAddress


@pytest.mark.parametrize(
    "ip",
    ["93.184.215.14", "1.1.1.1", "52.46.139.1", "2606:4700::1111", "2a00:1450:4001:830::200e"],
)
def test_the_public_internet_may_be_called(ip):
    assert addresses.is_public(ipaddress.ip_address(ip))


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",  # noqa: S104  # that is what is refused
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",  # the cloud's metadata
        "100.64.0.1",  # behind a carrier's NAT
        "100.100.100.200",
        "168.63.129.16",  # Azure's inner services
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.2.3",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::5db8:d70e",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",  # the cloud's metadata
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
    ],
)
def test_nothing_else_may(ip):
    assert not addresses.is_public(ipaddress.ip_address(ip))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.com/x", "https://"),
        ("ftp://hooks.example.com/x", "https://"),
        ("//hooks.example.com/x", "https://"),
        ("javascript:alert(1)", "https://"),
        ("", "https://"),
        ("https://", "no host"),
        ("https:///x", "no host"),
        ("https://user:secret@hooks.example.com/x", "password"),
        ("https://hooks.example.com@127.0.0.1/x", "password"),
        ("https://hooks.example.com:8443/x", "port 443"),
        ("https://hooks.example.com:22/x", "port 443"),
        ("https://hooks.example.com:0x1bb/x", "port"),
        ("https://hooks.example.com:99999/x", "port"),
        ("https://127.0.0.1/x", "127.0.0.1"),
        ("https://[::1]/x", "::1"),
        ("https://[::ffff:10.0.0.1]/x", "public Internet"),
        ("https://169.254.169.254/latest/meta-data/", "169.254.169.254"),
        ("https://[fe80::1%25eth0]/x", "public Internet"),
        ("https://[not-an-address]/x", "no web address"),
        ("https://hooks.example.com/a b", "no web address"),
        ("https://hooks.example.com/a\r\nHost: other", "no web address"),
        ("https://hooks.example.com/\0", "no web address"),
        (f"https://{'a' * 64}.example.com/", "host name"),
        ("https://hooks.example.com/" + "x" * 500, "no web address"),
    ],
)
def test_an_address_that_cannot_be_is_refused_when_it_is_typed(url, reason):
    with pytest.raises(BadAddress, match="(?i)" + reason.replace("(", r"\(")):
        addresses.parse(url)


def test_path_and_query_go_along():
    target = addresses.parse("https://hooks.example.com/a/ü?b=1#c")

    assert (target.host, target.port, target.path) == (
        "hooks.example.com",
        443,
        "/a/%C3%BC?b=1",
    )


def leads_to(monkeypatch, *ips):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ips]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: found)


def test_a_name_is_judged_by_where_it_leads(monkeypatch):
    leads_to(monkeypatch, "127.0.0.1")
    target = addresses.parse("https://hooks.example.com/")

    with pytest.raises(BadAddress, match=r"127\.0\.0\.1"):
        addresses.resolve(target, seconds=30)


def test_one_private_address_among_public_ones_spoils_the_name(monkeypatch):
    leads_to(monkeypatch, "93.184.215.14", "10.0.0.7")
    target = addresses.parse("https://hooks.example.com/")

    with pytest.raises(BadAddress, match=r"10\.0\.0\.7"):
        addresses.resolve(target, seconds=30)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "localhost."])
def test_odd_spellings_of_this_machine_lead_here_too(host):
    target = addresses.parse(f"https://{host}/")

    with pytest.raises(BadAddress, match="public Internet"):
        addresses.resolve(target, seconds=30)
