"""The server as an ASGI application."""

import contextlib
from collections.abc import AsyncIterator

from fastapi import FastAPI

import styx
from styx.server import problem
from styx.server.guard import Gate
from styx.server.hub import Hub
from styx.server.routes import health, live, logs, page, tasks, work

_ABOUT = """Tasks for agents. A claim gives a task to one agent; execution is at least once, each attempt has a number.

Retry 423, 429, 5xx and lost connections, and nothing else."""


def make(hub: Hub) -> FastAPI:
    """Return the application that serves `hub`."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with hub.at_work():
            yield

    app = FastAPI(title="Styx task server", version=styx.__version__, description=_ABOUT, lifespan=lifespan,
redirect_slashes=False,
        docs_url=None,  # those pages come from other sites
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name)  # fmt: skip
    app.state.hub = hub
    problem.install(app)
    for router in (work.router, tasks.router, logs.router, live.router, health.router, page.router):
        app.include_router(router)
    app.add_middleware(Gate, hub=hub)
    return app
