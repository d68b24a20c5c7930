"""A service of the tests' own: sessions, accounts, addresses and tasks, whatever the contract of the SDK has.

The modules are generated from openapi.json beside this file.
"""

from example_service.api import *
from example_service.models import *
