"""The demo's mail server: takes every message on the loopback address and keeps it as a file. Nothing is sent on."""

import asyncio
import email
import email.policy
import itertools
import os
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from config.launcher.secrets import write_private

LARGEST = 1_000_000


class Keeper:
    """Writes each accepted message into the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = itertools.count(1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The name sorts by time of arrival."""
        name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.getpid()}-{next(self.numbers):06}.eml"
        content = envelope.content or b""
        text = content if isinstance(content, str) else content.decode("utf-8", "replace")
        write_private(self.folder / name, text)
        return "250 Message accepted"


async def serve(port: int, folder: Path) -> None:
    """Listen on the loopback address until the process ends."""
    loop = asyncio.get_running_loop()
    keeper = Keeper(folder)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="localhost", data_size_limit=LARGEST, loop=loop), "127.0.0.1", port
    )
    await server.serve_forever()


def show(folder: Path) -> None:
    """Print every kept message, the oldest first."""
    files = sorted(folder.glob("*.eml"))
    for file in files:
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        print("-" * 72)
        for header in ("Date", "To", "Subject"):
            print(f"{header}: {message[header] or ''}")
        body = message.get_body(("plain", "html"))
        print(f"\n{body.get_content().strip() if body else ''}")
    print(f"{len(files)} messages in {folder}")


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
