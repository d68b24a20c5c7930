"""The public addresses that the sandbox hands out."""

from ipaddress import IPv4Address

from fastapi import HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gravscale.sandbox.database import PublicIp


def next_public_address(session: Session) -> str:
    """Return the address of the next public IP, from networks that are not used on the Internet."""
    number = (session.scalar(select(func.max(PublicIp.id))) or 0) + 1
    # RFC 5737, section 3: 203.0.113.0/24. A router usually has the first address.
    if number <= 253:
        return str(IPv4Address("203.0.113.1") + number)
    # RFC 2544, appendix C: 198.18.0.0/15.
    if number <= 253 + 2**17:
        return str(IPv4Address("198.18.0.0") + number - 254)
    raise HTTPException(409, "the sandbox has no public IP left; release one, or start a new sandbox")
