"""A proxy that cuts connections: before the request, within it, before the reply or within that."""

import random
import socket
import threading
from contextlib import closing, suppress


class FlakyProxy:
    """Passes TCP connections on to a port, and cuts some of them after a random number of bytes."""

    def __init__(self, port, share, seed):
        self._target, self._share, self._random = port, share, random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port, self.cut = self._listener.getsockname()[1], 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client):
        """Carry one connection, which may have several requests."""
        left = self._random.choice((0, 50, 300, 700, 5000)) if self._random.random() < self._share else None
        budget = [left]
        with closing(client), suppress(OSError), socket.create_connection(("127.0.0.1", self._target)) as server:
            back = threading.Thread(target=self._pump, args=(server, client, budget), daemon=True)
            back.start()
            self._pump(client, server, budget)
            back.join()

    def _pump(self, source, sink, budget):
        with suppress(OSError):
            while data := source.recv(4096):
                if budget[0] is not None:
                    data, budget[0] = data[: budget[0]], max(0, budget[0] - len(data))
                sink.sendall(data)
                if budget[0] == 0:
                    self.cut += 1
                    break
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
