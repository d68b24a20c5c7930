"""The service as an ASGI application."""

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from fastapi_pagination.utils import disable_installed_extensions_check
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from gravscale.sandbox.database import is_locked
from gravscale.sandbox.middleware import BodyLimit, Conditions
from gravscale.sandbox.routes import router
from gravscale.sandbox.service import Service, Settings


def create_app(engine: Engine, settings: Settings) -> FastAPI:
    """Assemble the service on a database."""
    # The page /docs works offline.
    app = FastAPIOffline(redoc_url=None, title="Gravscale sandbox", separate_input_output_schemas=False)
    app.state.service = Service(engine, settings)
    # Not by include_router(), which makes them anew at the first request, with warnings that are for nobody.
    app.router.routes.extend(router.routes)

    # A request passes through the last one first.
    app.add_middleware(BodyLimit)
    app.add_middleware(Conditions, settings=settings)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_unreadable)
    app.exception_handler(UnicodeEncodeError)(_lone_surrogate)
    app.exception_handler(DBAPIError)(_database_failed)
    # Pages are cut from lists, because the state of a task is computed and no query can select by it.
    disable_installed_extensions_check()
    return app


async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    # Without FastAPI's `input`, which would send a password back.
    faults = [{key: fault[key] for key in ("loc", "msg", "type")} for fault in error.errors()]
    return JSONResponse({"detail": faults}, 422)


async def _unreadable(request: Request, error: HTTPException) -> Response:
    if error.status_code != 400:
        return await http_exception_handler(request, error)
    # FastAPI answers 400 if a body isn't UTF-8 or is nested too deeply. The contract has only 422 for bad bodies.
    return JSONResponse({"detail": [{"loc": ["body"], "msg": error.detail, "type": "json_invalid"}]}, 422)


async def _lone_surrogate(_: Request, __: UnicodeEncodeError) -> JSONResponse:
    # JSON can contain a lone surrogate, which a database can't store.
    fault = {"loc": ["body"], "msg": "a text contains a lone surrogate", "type": "string_unicode"}
    return JSONResponse({"detail": [fault]}, 422)


async def _database_failed(_: Request, error: DBAPIError) -> JSONResponse:
    if is_locked(error):
        detail = "another process has locked the sandbox's database"
        return JSONResponse({"detail": detail}, 503, {"Retry-After": "1"})
    # The database's own words name tables, and no values: the file was deleted, or the disk is full.
    return JSONResponse({"detail": f"the sandbox's database failed: {error.orig}"}, 500)
