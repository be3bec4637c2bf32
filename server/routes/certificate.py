"""The page 证书安装: how a computer comes to trust this installation, open to anybody."""

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from consult.kernel.errors import NotFoundError
from server.doors import Routes
from server.i18n import LANGUAGES, N_
from server.keys import SETTINGS
from server.pages import render
from server.requests import LANGUAGE
from server.threads import in_thread
from server.tls.authority import Authority
from server.tls.fingerprint import spaced

routes = Routes("certificate")


@routes.get("/certificate", public=True)
async def show(request: web.Request) -> web.Response:
    """What to install, where, and the fingerprint to compare."""
    wish = request.query.get("lang")
    if wish in LANGUAGES:
        request[LANGUAGE] = wish
    root = await _find(request)
    fingerprint = None if root is None else spaced(root.fingerprint(hashes.SHA256()))
    until = None if root is None else root.not_valid_after_utc.date()
    return await render(
        request,
        "certificate/show.html",
        title=N_("Install the certificate"),
        fingerprint=fingerprint,
        until=until,
    )


@routes.get("/certificate/authority.pem", public=True)
async def give_pem(request: web.Request) -> web.Response:
    """The authority's certificate as text, for Linux and for browsers of their own store."""
    return _as_file(await _get(request), Encoding.PEM, "lianzhen-authority.pem")


@routes.get("/certificate/authority.crt", public=True)
async def give_der(request: web.Request) -> web.Response:
    """The authority's certificate as bytes, which Windows and telephones open by themselves."""
    return _as_file(await _get(request), Encoding.DER, "lianzhen-authority.crt")


async def _find(request: web.Request) -> x509.Certificate | None:
    settings = request.app[SETTINGS]
    if settings.tls == "off" and settings.tls_cert is not None:
        return None  # the hospital's own certificate is known to its computers by other ways
    return await in_thread(Authority(settings.authority_dir).certificate)


async def _get(request: web.Request) -> x509.Certificate:
    root = await _find(request)
    if root is None:
        raise NotFoundError
    return root


def _as_file(root: x509.Certificate, form: Encoding, name: str) -> web.Response:
    return web.Response(
        body=root.public_bytes(form),
        content_type="application/x-x509-ca-cert",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
