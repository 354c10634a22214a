"""Follow a pipeline to its end over a WebSocket: every event once and in order, whatever happens to the connection.

    pip install websockets
    API_TOKEN=... python live.py wss://api.example.com PIPELINE_ID

Prints one line of JSON per event. The exit code is 0 when the pipeline completed, 1 when it failed or was cancelled,
and 2 when the service refuses to tell.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

FOR_GOOD = {4400, 4403, 4404}  # asking again changes nothing
LONGEST_WAIT = 30.0
SILENCE = 60.0  # the service says something every 20 seconds


class Refused(Exception):
    """The service will not tell; the text says why."""


async def follow(url: str, pipeline: str, token: Callable[[], str]) -> AsyncIterator[dict[str, Any]]:
    """The snapshot of each connection, and every event of the pipeline once, from the first to the last.

    `token` is asked for each connection, for a token may have expired since the last one.
    """
    seen, wait = 0, 1.0
    while True:
        try:
            # The token travels as a subprotocol, which works in browsers, too; it never stands in the URL.
            protocols = ["aiprod.v1", f"bearer.{token()}"]
            async with connect(f"{url}/ws/pipeline/{pipeline}?after={seen}", subprotocols=protocols) as socket:
                while True:
                    message = json.loads(await asyncio.wait_for(socket.recv(), SILENCE))
                    if message["type"] == "snapshot":
                        wait = 1.0
                        yield message
                    elif message["type"] == "error":
                        print(message["data"]["detail"], file=sys.stderr)
                    elif message["type"] != "ping" and message["seq"] > seen:
                        seen = message["seq"]
                        yield message
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            if code == 1000:
                return  # the pipeline has ended and everything was said
            if code in FOR_GOOD:
                raise Refused(f"{code} {closed.rcvd.reason if closed.rcvd else ''}") from None
        except (OSError, TimeoutError, InvalidHandshake):
            pass  # not reached, or fallen silent: as good as closed
        # Not all at the same moment: thousands of clients may have lost the same server.
        await asyncio.sleep(random.uniform(0.2, 1.0) * wait)
        wait = min(LONGEST_WAIT, wait * 2)


async def main(url: str, pipeline: str) -> int:
    """Print what happens; the exit code."""
    status = ""
    try:
        async for message in follow(url, pipeline, lambda: os.environ["API_TOKEN"]):
            status = message["data"]["status"]
            if message["type"] != "snapshot":
                print(json.dumps(message), flush=True)
    except Refused as refused:
        print(f"The service refused: {refused}", file=sys.stderr)
        return 2
    return 0 if status == "completed" else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:3])))
