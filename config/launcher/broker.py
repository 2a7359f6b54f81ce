"""Our own broker: a Redis-protocol server on a Unix socket only, with a password, every write kept in a file.

It carries clock ticks and nothing else; without the append-only file a restart loses what waits in it.
"""

import contextlib
import socket
from dataclasses import dataclass
from pathlib import Path

from config.launcher.binaries import find_broker
from config.launcher.folders import own_folder
from config.launcher.secrets import write_private

SETTINGS = """port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{folder}"
requirepass {password}
appendonly yes
appendfsync everysec
save ""
daemonize no
"""


@dataclass(frozen=True)
class Broker:
    """The server's program, its settings file (which holds the password) and its socket."""

    program: Path
    settings: Path
    socket: Path
    password: str

    def command(self) -> list[str]:
        """The password stands in the file, not here: everyone can read command lines."""
        return [str(self.program), str(self.settings)]

    def url(self) -> str:
        """Address in the form that Celery understands; the virtual host is the number of the database."""
        return f"redis+socket://:{self.password}@{self.socket}?virtual_host=0"

    def answers(self) -> bool:
        """Whether the server takes our password."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(2)
            line.connect(str(self.socket))
            line.sendall(f"AUTH {self.password}\r\n".encode())
            return line.recv(64).startswith(b"+OK")
        return False


def open_broker(data: Path, sockets: Path, *, password: str) -> Broker:
    """Write the broker's settings; its data stay in the data folder."""
    folder = own_folder(data / "broker")
    place = own_folder(sockets / "mq") / "broker.sock"
    write_private(folder / "broker.conf", SETTINGS.format(socket=place, folder=folder, password=password))
    return Broker(find_broker(), folder / "broker.conf", place, password)
