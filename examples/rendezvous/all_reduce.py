"""Sum one number of each rank over a socket at MASTER_ADDR:MASTER_PORT, as torch.distributed's store would."""

import os
import socket
import time

rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
meeting = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])

if rank == 0:
    with socket.create_server(meeting) as server:
        others = [server.accept()[0] for _ in range(world - 1)]
        total = sum(int(other.recv(16)) for other in others)  # rank 0 adds 0
        for other in others:
            other.sendall(str(total).encode())
else:
    for _ in range(100):
        try:
            other = socket.create_connection(meeting, timeout=30)
            break
        except OSError:
            time.sleep(0.1)
    other.sendall(str(rank).encode())
    total = int(other.recv(16))
print(f"rank {rank}: the ranks sum to {total}")
