"""What stands between a member's machine and AWS."""

from onboarding.setup.failures.kinds import YOURSELF, Failure

FAILURES = (
    Failure(
        "sign-in-outage",
        "The AWS sign-in page is out of order",
        "Nothing is wrong with you or your account: AWS could not answer at that moment.",
        ("Try again in some minutes.", "If it stays: look at health.aws.amazon.com."),
        YOURSELF,
        (
            ("not you", "it's us", "complete your request"),
            "we couldn't complete your request right now",
            "we are unable to complete your request right now",
            "我们现在无法完成您的请求",
        ),
    ),
    Failure(
        "callback-blocked",
        "The browser cannot hand the sign-in back to Kiro",
        "Something on your machine stops the browser from reaching Kiro on 127.0.0.1: a firewall,"
        " a remote session, or a container.",
        (
            "Finish the sign-in in a browser on the same machine as Kiro.",
            "On a remote machine use the device code: kiro-cli login --use-device-flow.",
        ),
        YOURSELF,
        (
            "localhost refused to connect",
            "127.0.0.1 refused to connect",
            ("err_connection_refused", "oauth/callback"),
            "redirect_uri_mismatch",
            "failed to start local auth server",
        ),
    ),
    Failure(
        "own-certificate",
        "A company proxy replaces certificates",
        "Something between you and AWS opens the encrypted connection, and Kiro does not trust it.",
        (
            "Give Kiro the proxy's certificate: NODE_EXTRA_CA_CERTS=/path/to/ca.pem.",
            "Or try another network, such as your phone's.",
        ),
        "Whoever runs your network.",
        (
            "self signed certificate in certificate chain",
            "self-signed certificate in certificate chain",
            "unable to get local issuer certificate",
            "certificate_verify_failed",
            "unable to verify the first certificate",
        ),
    ),
    Failure(
        "no-network",
        "AWS cannot be reached",
        "No connection, a name that does not resolve, or a proxy or firewall in the way. A typed"
        " Region that does not exist looks the same.",
        (
            "Open the sign-in URL in a browser on the same machine.",
            "Allow *.amazonaws.com, *.awsapps.com and *.kiro.dev through proxy and firewall.",
        ),
        "Whoever runs your network.",
        (
            "getaddrinfo enotfound",
            "getaddrinfo eai_again",
            "connect econnrefused",
            "connect etimedout",
            "read econnreset",
            "tunneling socket could not be established",
            "err_name_not_resolved",
            "err_internet_disconnected",
            "could not connect to the endpoint url",
            "failed to resolve",
            "connect timeout on endpoint url",
        ),
    ),
)
