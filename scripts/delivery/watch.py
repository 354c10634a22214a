"""Watch the region that got a release first: 1 when too many of its requests fail, or too few came to tell.

People may be asleep, so it sends requests of its own, of which the region gets its share.
"""

import argparse
import contextlib
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from http import HTTPStatus

MONITORING = "https://monitoring.googleapis.com"
# Nothing that a cache at the edge answers: the service's own word, and a list, which asks who calls.
PATHS = ("/health", "/pipelines")
SENT = 200  # in a minute; Cloud Armor lets 1 000 through
SECONDS = 30
LEFT = 5.0  # seconds until a request without an answer is left alone


def visit(url: str, seconds: float) -> None:
    """Send the requests of one minute, evenly. How they went is what Cloud Run counts, so it does not matter here."""
    over = time.monotonic() + seconds + LEFT
    for number in range(SENT):
        began = time.monotonic()
        if began >= over:
            return  # what answers slowly gets fewer
        with contextlib.suppress(OSError), urllib.request.urlopen(url + PATHS[number % len(PATHS)], timeout=LEFT):  # noqa: S310
            pass
        time.sleep(max(0.0, seconds / SENT - (time.monotonic() - began)))


def counted(monitoring: str, project: str, token: str, region: str, minutes: int, more: str = "") -> float:
    """Requests of the region in the last minutes, as Cloud Run counted them."""
    labels = f'monitored_resource="cloud_run_revision",location="{region}"{more}'
    query = f"sum(increase(run_googleapis_com:request_count{{{labels}}}[{minutes}m]))"
    url = f"{monitoring}/v1/projects/{project}/location/global/prometheus/api/v1/query?"
    request = urllib.request.Request(  # noqa: S310 - the URL is ours
        url + urllib.parse.urlencode({"query": query}), headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        return sum(float(row["value"][1]) for row in json.load(answer)["data"]["result"])


def judged(requests: float, failures: float, least: int, share: float) -> str:
    """What is wrong with so many failures; empty where nothing is, or where it is too early to tell."""
    if requests >= least and failures / requests > share:
        return f"{failures:.0f} of the canary's {requests:.0f} requests failed, which is more than {share:.1%}"
    return ""


def main(words: Sequence[str] | None = None) -> int:
    """The command. It takes an access token from the variable TOKEN."""
    parser = argparse.ArgumentParser(prog="python3 scripts/delivery/watch.py", description=__doc__)
    parser.add_argument("url", help="where clients reach the service")
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True, help="region of the canary")
    parser.add_argument("--minutes", type=int, required=True)
    parser.add_argument("--errors", type=float, required=True, help="share of its requests that may fail")
    parser.add_argument("--requests", type=int, required=True, help="how many it has to have got at least")
    parser.add_argument("--monitoring", default=MONITORING, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=60.0, help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    requests = 0.0
    for minute in range(1, given.minutes + 1):
        visit(given.url, given.seconds)
        try:
            where = (given.monitoring, given.project, os.environ["TOKEN"], given.region, given.minutes + 1)
            requests, failures = counted(*where), counted(*where, ',response_code_class="5xx"')
        except (OSError, ValueError, KeyError) as away:
            if isinstance(away, urllib.error.HTTPError) and away.code < HTTPStatus.INTERNAL_SERVER_ERROR:
                print(f"Cloud Monitoring refuses to say how the canary does: {away}", file=sys.stderr)
                return 1
            continue  # it is asked again in a minute
        print(f"minute {minute}: {requests:.0f} requests in {given.region}, {failures:.0f} failed", flush=True)
        if wrong := judged(requests, failures, given.requests, given.errors):
            print(f"{wrong}.", file=sys.stderr)
            return 1
    if requests < given.requests:
        print(
            f"Cloud Monitoring knows of {requests:.0f} requests in {given.region} after {given.minutes} minutes, and "
            f"{given.requests} are needed to tell whether the release works there: is the region's share of requests "
            "too small, or _CANARY_REQUESTS too high?",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
